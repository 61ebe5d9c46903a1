using Microsoft.AspNetCore.Connections;

namespace Gaia.Chat.Performance;

/// <summary>What this process uses.</summary>
internal sealed class ProcessMetrics(TimeProvider time)
{
    private const double Megabyte = 1024 * 1024;

    /// <summary>A share of a shorter time says nothing.</summary>
    private static readonly TimeSpan MinSample = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private int _connections;
    private (long At, TimeSpan Used) _sample = (time.GetTimestamp(), Environment.CpuUsage.TotalTime);
    private double? _cpuPercent;

    /// <summary>Connections of clients that are open now.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public static double MemoryMb => Math.Round(Environment.WorkingSet / Megabyte, 1);

    /// <summary>Of all processors, since somebody asked before, or since the start.</summary>
    public double CpuPercent
    {
        get
        {
            lock (_gate)
            {
                var elapsed = time.GetElapsedTime(_sample.At);
                if (_cpuPercent is { } known && elapsed < MinSample)
                    return known;
                var used = Environment.CpuUsage.TotalTime;
                var percent = elapsed <= TimeSpan.Zero ? 0 : (used - _sample.Used) / elapsed / Environment.ProcessorCount * 100;
                _sample = (time.GetTimestamp(), used);
                _cpuPercent = Math.Round(Math.Clamp(percent, 0, 100), 1);
                return _cpuPercent.Value;
            }
        }
    }

    /// <summary>Counts a connection while it is open.</summary>
    public async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }
}
