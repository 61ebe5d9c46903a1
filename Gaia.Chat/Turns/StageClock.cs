using System.Diagnostics;
using Gaia.ServiceDefaults.Telemetry;

namespace Gaia.Chat.Turns;

/// <summary>Where the time of a request goes, in the order in which it goes through them.</summary>
internal enum Stage
{
    /// <summary>From the arrival of the request to its handler: routing, authentication, permission.</summary>
    Authentication,

    /// <summary>Reading and checking the body.</summary>
    RequestValidation,

    /// <summary>Choosing the model and the persona.</summary>
    ProviderSelection,

    /// <summary>Keeping the message, where that comes before the model is asked, and gathering what the model has to know.</summary>
    StreamingSetup,

    /// <summary>From asking the model to its last word; the client reads in the meantime, once the message is kept.</summary>
    LlmApiCall,

    /// <summary>Keeping the answer, and sending the rest of it.</summary>
    ResponseProcessing,
}

/// <summary>The stages of one request. One ends where the next begins, so they add up to the whole. Each is a span below that of the request.</summary>
internal sealed class StageClock
{
    private static readonly string[] Names =
        ["chat.authentication", "chat.request_validation", "chat.provider_selection", "chat.streaming_setup", "chat.llm_api_call", "chat.response_processing"];

    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly ActivityContext _parent = Activity.Current?.Context ?? default;
    private readonly TimeSpan[] _spent = new TimeSpan[Names.Length];
    private Stage _current = Stage.Authentication;
    private Activity? _span;
    private long _entered;
    private bool _finished;

    public StageClock(TimeProvider time)
    {
        _time = time;
        _started = _entered = time.GetTimestamp();
        Begin(_current);
    }

    /// <summary>The call that these are the times of; null until it is known.</summary>
    public Guid? CallId { get; set; }

    public TimeSpan Elapsed => _time.GetElapsedTime(_started);

    public TimeSpan this[Stage stage] => _spent[(int)stage] + (stage == _current ? _time.GetElapsedTime(_entered) : TimeSpan.Zero);

    /// <summary>Ends the stage before. A stage may be entered again.</summary>
    public void Enter(Stage stage)
    {
        var now = _time.GetTimestamp();
        _spent[(int)_current] += _time.GetElapsedTime(_entered, now);
        (_current, _entered) = (stage, now);
        Begin(stage);
    }

    public TimeSpan[] Spent() => [.. Enum.GetValues<Stage>().Select(stage => this[stage])];

    /// <summary>The answer is out: writes the times beside the call. Does nothing the second time, or when nothing was asked.</summary>
    public void Finish(CallTimes times)
    {
        if (CallId is not { } callId || Interlocked.Exchange(ref _finished, true))
            return;
        times.Add(callId, this);
        Begin(null);
    }

    /// <summary>Ends a span and begins the next. Neither becomes the current one: stages begin and end in different methods.</summary>
    private void Begin(Stage? stage)
    {
        if (_span is null && (_parent == default || !GaiaTelemetry.Source.HasListeners()))
            return;
        var current = Activity.Current;
        _span?.Stop();
        _span = stage is { } next ? GaiaTelemetry.Source.StartActivity(Names[(int)next], ActivityKind.Internal, _parent) : null;
        Activity.Current = current;
    }
}
