using Gaia.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gaia.Tests.Identity;

public sealed class CredentialExtractorTests
{
    private const string Key = "FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnE";
    private const string OtherKey = "gaia_LOCAL_abcdefghijABCDEFGHIJ0123456789ab";
    private const string Jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";

    private static readonly (string Header, string Form)[] HeaderForms =
    [
        ("Authorization", "Bearer {0}"),
        ("authorization", "bearer {0}"),
        ("Authorization", "BEARER  {0} "),
        ("X-API-Key", "{0}"),
        ("x-api-key", " {0} "),
    ];

    /// <summary>Each header form that carries one credential.</summary>
    public static TheoryData<string, string> Forms
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (header, form) in HeaderForms)
                data.Add(header, form);
            return data;
        }
    }

    public static TheoryData<string> Hostile =>
    [
        "garbage",
        "a.b",
        "a.b.c.d",
        "..",
        "a..c",
        ".b.c",
        "a.b.",
        "a b.c.d",
        "' OR '1'='1' --",
        "'; DROP TABLE users; --",
        "\"quoted\"",
        "gaia_sk_1234",
        "gaia_sk_" + new string('A', 49),
        new string('k', 10 * 1024),
        new string('a', 4000) + "." + new string('b', 4000) + "." + new string('c', 4000),
        "FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnE, FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnE",
        "FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqn\u0000",
        "FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqn\r\n",
        "ключ-ключ-ключ-ключ-ключ-ключ-ключ-ключ-клю",
        "\U0001F511",
        "../../etc/passwd",
        "%00%0a",
        "null",
    ];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_carries_an_api_key(string header, string form)
    {
        var presented = Extract((header, string.Format(null, form, Key)));

        Assert.Equal(new Credential(CredentialKind.ApiKey, Key), presented.First);
        Assert.Null(presented.Second);
        Assert.True(presented.HasApiKey);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_carries_a_jwt(string header, string form)
    {
        var presented = Extract((header, string.Format(null, form, Jwt)));

        Assert.Equal(new Credential(CredentialKind.Jwt, Jwt), presented.First);
        Assert.False(presented.HasApiKey);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void No_form_carries_anything_else(string value)
    {
        foreach (var (header, form) in HeaderForms)
            Assert.Null(Extract((header, string.Format(null, form, value))).First);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Basic ZGV2OmRldg==")]
    [InlineData("BearerFJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnE")]
    [InlineData("FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnE")]
    public void An_authorization_without_a_bearer_value_is_nothing(string value) =>
        Assert.Equal(new PresentedCredentials(null, null, HasApiKey: false), Extract(("Authorization", value)));

    [Theory]
    [InlineData(Jwt, Key, Jwt, Key)]
    [InlineData(Key, Jwt, Jwt, Key)]
    [InlineData(Key, OtherKey, Key, OtherKey)]
    [InlineData("garbage", Key, Key, null)]
    [InlineData(Key, "garbage", Key, null)]
    [InlineData("a..c", Key, Key, null)]
    public void A_jwt_goes_first_then_the_bearer_value(string bearer, string header, string first, string? second)
    {
        var presented = Extract(("Authorization", $"Bearer {bearer}"), ("X-API-Key", header));

        Assert.Equal(first, presented.First?.Value);
        Assert.Equal(second, presented.Second?.Value);
    }

    [Theory]
    [InlineData("Authorization", "Bearer " + Key)]
    [InlineData("X-API-Key", Key)]
    public void A_header_given_twice_refuses_the_request(string header, string value)
    {
        var headers = new HeaderDictionary { [header] = new StringValues([value, value]), ["X-Other"] = "1" };

        Assert.Equal(new PresentedCredentials(null, null, HasApiKey: true), CredentialExtractor.Extract(headers));
    }

    [Theory]
    [InlineData("operator.key-of.any+form/=")]
    [InlineData("plain-operator-key")]
    public void The_operators_key_is_accepted_whatever_its_form(string key)
    {
        foreach (var (header, form) in HeaderForms)
        {
            var headers = new HeaderDictionary { [header] = string.Format(null, form, key) };
            Assert.Equal(new Credential(CredentialKind.ApiKey, key), CredentialExtractor.Extract(headers, key).First);
            Assert.NotEqual(new Credential(CredentialKind.ApiKey, key), CredentialExtractor.Extract(headers, key + "x").First);
        }
    }

    [Fact]
    public void A_credential_does_not_print_its_secret() =>
        Assert.DoesNotContain(Key, $"{new Credential(CredentialKind.ApiKey, Key)} {Extract(("X-API-Key", Key))}", StringComparison.Ordinal);

    private static PresentedCredentials Extract(params (string Name, string Value)[] headers)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers)
            dictionary[name] = value;
        return CredentialExtractor.Extract(dictionary);
    }
}
