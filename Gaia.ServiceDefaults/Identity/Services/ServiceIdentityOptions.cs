using System.ComponentModel.DataAnnotations;

namespace Gaia.ServiceDefaults.Identity.Services;

/// <summary>What this service proves with that it is itself.</summary>
public sealed class ServiceIdentityOptions
{
    /// <summary><c>Gaia:ServiceKey</c>: a secret that Auth knows as well, of at least 16 characters. One per service.</summary>
    [Required(ErrorMessage = "Gaia:ServiceKey is missing: give the secret that Auth has for this service under Auth:ServiceKeys.")]
    [MinLength(16, ErrorMessage = "Gaia:ServiceKey must have at least 16 characters.")]
    public string ServiceKey { get; set; } = "";
}
