namespace Gaia.Tests.Infrastructure;

internal static class Eventually
{
    /// <summary>Waits for what becomes true soon, asking every 20 ms.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, double seconds = 10)
    {
        var end = DateTimeOffset.UtcNow.AddSeconds(seconds);
        while (!await condition())
        {
            Assert.True(DateTimeOffset.UtcNow < end, $"Not so within {seconds} s.");
            await Task.Delay(20);
        }
    }
}
