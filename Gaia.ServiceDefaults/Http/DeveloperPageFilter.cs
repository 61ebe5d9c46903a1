using Microsoft.AspNetCore.Diagnostics;

namespace Gaia.ServiceDefaults.Http;

/// <summary>
/// In Development the framework puts its exception page inside every middleware of ours: it would answer in place of
/// <see cref="LegacyExceptionHandler"/>, with the exception and the request's headers. This gives the answer back to the handler.
/// </summary>
internal sealed class DeveloperPageFilter(IEnumerable<IExceptionHandler> handlers) : IDeveloperPageExceptionFilter
{
    public async Task HandleExceptionAsync(ErrorContext errorContext, Func<ErrorContext, Task> next)
    {
        foreach (var handler in handlers)
        {
            if (await handler.TryHandleAsync(errorContext.HttpContext, errorContext.Exception, errorContext.HttpContext.RequestAborted))
                return;
        }

        await next(errorContext);
    }
}
