using System.Collections.Concurrent;

namespace Gaia.Chat.Providers;

/// <summary>
/// How this process's calls of each provider went in the last minutes: known at once, while the table of calls tells of all
/// replicas some seconds later.
/// </summary>
internal sealed class ProviderOutcomes(TimeProvider time)
{
    private const int Slots = 12;

    private static readonly TimeSpan SlotLength = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Window> _windows = new(StringComparer.Ordinal);

    public void Answered(string provider) => Of(provider).Add(Slot(), failed: false);

    public void Failed(string provider, ProviderFault fault)
    {
        // What the provider does not take as it is says nothing about how it is.
        if (fault != ProviderFault.RequestRejected)
            Of(provider).Add(Slot(), failed: true);
    }

    /// <summary>Calls of the last two minutes that came to an end, and those of them that failed.</summary>
    public (int Calls, int Failures) Recent(string provider) => Of(provider).Sum(Slot());

    /// <summary>What a provider that fails loses in a selection.</summary>
    public double Penalty(string provider)
    {
        var (calls, failures) = Recent(provider);
        return PenaltyOf(calls, failures);
    }

    /// <summary>The share of failures; of few calls it counts less, so that one failure bans nobody.</summary>
    public static double PenaltyOf(long calls, long failures) => calls == 0 ? 0 : (double)failures / calls * Math.Min(1, calls / 3.0);

    private Window Of(string provider) => _windows.GetOrAdd(provider, static _ => new Window());

    private long Slot() => time.GetTimestamp() / (time.TimestampFrequency * (long)SlotLength.TotalSeconds);

    private sealed class Window
    {
        private readonly Lock _gate = new();
        private readonly (long Slot, int Calls, int Failures)[] _slots = new (long, int, int)[Slots];

        public void Add(long slot, bool failed)
        {
            lock (_gate)
            {
                ref var current = ref _slots[slot % Slots];
                if (current.Slot != slot)
                    current = (slot, 0, 0);
                current.Calls++;
                if (failed)
                    current.Failures++;
            }
        }

        public (int Calls, int Failures) Sum(long slot)
        {
            var (calls, failures) = (0, 0);
            lock (_gate)
            {
                foreach (var item in _slots)
                {
                    if (item.Slot <= slot - Slots)
                        continue;
                    calls += item.Calls;
                    failures += item.Failures;
                }
            }

            return (calls, failures);
        }
    }
}
