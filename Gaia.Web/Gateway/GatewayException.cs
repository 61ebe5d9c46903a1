namespace Gaia.Web.Gateway;

/// <summary>The gateway refused, in words that may be shown: no exception of ours and no outage.</summary>
/// <param name="status">The HTTP status, from 400.</param>
/// <param name="detail">Why, as the service that decided it says.</param>
internal sealed class GatewayException(int status, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    public string Detail { get; } = detail;

    public bool IsNotFound => Status == StatusCodes.Status404NotFound;
}
