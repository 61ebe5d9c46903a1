namespace Gaia.Auth.Users;

/// <summary>What clients of the legacy system look for in a refusal (contract 2.2).</summary>
internal static class AuthTexts
{
    public const string InvalidEmail = "Please enter a valid email address";
    public const string ShortPassword = "Password must be at least 6 characters long";
    public const string AlreadyRegistered = "This email is already registered";
    public const string BlockedDomain = "Registration is not allowed for this email domain";
    public const string TooManyRegistrations = "Too many registration attempts. Please try again later";

    public const string InvalidLogin = "Login failed: Invalid login credentials";
    public const string UnconfirmedLogin = "Login failed: Email not confirmed";
    public const string DisabledLogin = "Login failed: User is banned";
    public const string GarbledLogout = "Logout failed: A credential consists of ASCII characters alone";

    public const string WrongPassword = "Current password is incorrect";
    public const string NoPassword = "This account has no password";

    public const string InvalidConfirmation = "Confirmation link is expired or invalid";
    public const string AlreadyConfirmed = "Email is already confirmed";

    public const string TooManyMails = "Too many requests. Please wait before requesting another email";
    public const string UnknownEmail = "Email address not found";
}
