using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Auth.Admin;

/// <summary>Why an administrator's request is not carried out.</summary>
/// <param name="Status">404, 409, 422 or 403.</param>
/// <param name="Detail">What is wrong and what to change.</param>
public sealed record AdminError(int Status, string Detail)
{
    public static AdminError NotFound(string what) => new(StatusCodes.Status404NotFound, $"{what} not found");

    public static AdminError Conflict(string detail) => new(StatusCodes.Status409Conflict, detail);

    public static AdminError Invalid(string detail) => new(StatusCodes.Status422UnprocessableEntity, detail);

    public static AdminError Forbidden(string detail) => new(StatusCodes.Status403Forbidden, detail);

    public JsonHttpResult<ErrorBody> ToResult() => LegacyResults.Error(Status, Detail);
}
