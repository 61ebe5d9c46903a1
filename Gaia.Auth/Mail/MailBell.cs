namespace Gaia.Auth.Mail;

/// <summary>Wakes the sender, so that a mail does not wait for its next look. Rung once the mail is committed.</summary>
internal sealed class MailBell : IDisposable
{
    private readonly SemaphoreSlim _rung = new(0, 1);

    public void Ring()
    {
        try
        {
            _rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // Rung already.
        }
    }

    public Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancellationToken) => _rung.WaitAsync(limit, cancellationToken);

    public void Dispose() => _rung.Dispose();
}
