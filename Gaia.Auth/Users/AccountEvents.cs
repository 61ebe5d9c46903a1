using Gaia.Auth.Audit;
using Gaia.ServiceDefaults.Events;

namespace Gaia.Auth.Users;

/// <summary>Tells of signing in and out: the audit log for good, whoever listens as a hint.</summary>
internal sealed class AccountEvents(AuditLog audit, IEventBus events, TimeProvider time)
{
    public async Task LoggedInAsync(Guid? userId, CancellationToken cancellationToken)
    {
        Publish(AuthEvent.Login, userId);
        await audit.WriteAsync(AuditEvents.Login, userId, userId, null, null, null, cancellationToken);
    }

    public async Task LoginFailedAsync(Refusal refusal, CancellationToken cancellationToken)
    {
        var reason = refusal.Status == StatusCodes.Status429TooManyRequests ? "throttled" : refusal.Detail switch
        {
            AuthTexts.UnconfirmedLogin => "unconfirmed",
            AuthTexts.DisabledLogin => "disabled",
            _ => "credentials",
        };
        Publish(AuthEvent.ValidationFailed, null, reason);
        // What was tried is not written down: people type passwords into the wrong field. One that is throttled is one of many, and they are in there.
        if (refusal.Status != StatusCodes.Status429TooManyRequests)
            await audit.WriteAsync(AuditEvents.LoginFailed, null, null, null, null, new() { ["reason"] = reason }, cancellationToken);
    }

    public async Task LoggedOutAsync(Guid userId, CancellationToken cancellationToken)
    {
        Publish(AuthEvent.Logout, userId);
        await audit.WriteAsync(AuditEvents.Logout, userId, userId, null, null, null, cancellationToken);
    }

    public void RefreshFailed() => Publish(AuthEvent.ValidationFailed, null, "refresh_token");

    public void ValidationFailed() => Publish(AuthEvent.ValidationFailed, null, "credentials");

    private void Publish(string kind, Guid? userId, string? reason = null) =>
        events.Publish(new AuthEvent(kind, time.GetUtcNow().UtcDateTime, userId, Reason: reason));
}
