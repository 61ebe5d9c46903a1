namespace Aspire.Hosting.ApplicationModel;

public static class KnownResourceCommands
{
    public static readonly string StartCommand = "start";
    public static readonly string StopCommand = "stop";
}

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }
    public string? Message { get; init; }
}

public class ResourceCommandService(IServiceProvider services, DistributedApplicationModel model)
{
    public Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
        => model.Resources.FirstOrDefault(resource => string.Equals(resource.Name, resourceId, StringComparison.OrdinalIgnoreCase)) is { } resource
            ? ExecuteCommandAsync(resource, commandName, cancellationToken)
            : Task.FromResult(new ExecuteCommandResult { Success = false, Message = $"Resource '{resourceId}' not found." });
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        var orchestrator = services.GetRequiredService<Orchestrator>();
        if (orchestrator.Find(resource) is not { } instance || commandName is not ("start" or "stop"))
            return new() { Success = false, Message = $"Command '{commandName}' not available for resource '{resource.Name}'." };
        try
        {
            await (commandName == "stop" ? orchestrator.StopAsync(instance, cancellationToken) : orchestrator.StartAsync(instance, cancellationToken)).ConfigureAwait(false);
            return new() { Success = true };
        }
        catch (OperationCanceledException) { return new() { Success = false, Message = "The command was canceled." }; }
    }
}
