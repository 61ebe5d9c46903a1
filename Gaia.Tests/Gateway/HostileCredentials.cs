using System.Text;

namespace Gaia.Tests.Gateway;

/// <summary>A value that is no credential.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Value">As it stands on the wire.</param>
/// <param name="HasForm">Whether it has an accepted form, so that only Auth can tell that it is wrong.</param>
internal sealed record HostileCredential(string Name, byte[] Value, bool HasForm = false)
{
    public override string ToString() => Name;
}

/// <summary>Values as attackers and broken clients send them, the same in every run.</summary>
internal static class HostileCredentials
{
    private const string Key = "FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnX";
    private const string Sealed = "gaia_sk_";

    private static readonly string[] Injections =
    [
        "' OR '1'='1' --", "'; DROP TABLE api_keys; --", "1; SELECT pg_sleep(30)", "\" OR \"\"=\"", "admin'--", "' UNION SELECT key_hash FROM api_keys --", "\\'; --", "$$; --",
        "../../etc/passwd", "..\\..\\windows\\win.ini", "%2e%2e%2f", "%00%0a%0d", "%0d%0aX-Injected:%201", "${jndi:ldap://127.0.0.1:9/x}", "{{7*7}}", "<script>alert(1)</script>",
        "<!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]>", "`id`", "$(id)", "|id", "&& id", "*", "%", "_", "gaia_*", "gaia_sk_%", "null", "undefined", "NaN", "true", "[]", "{}", "0", "-1", "1e309",
        "{\"$gt\":\"\"}", "FLUSHALL", "*3 $3 SET", "EVAL \"return 1\" 0", "=cmd|' /C calc'!A0", "javascript:alert(1)", "data:text/html,x", "http://127.0.0.1:9/", "file:///etc/passwd", "%s%s%s%n", "%x%x%x%x",
    ];

    private static readonly string[] Shapes =
    [
        "garbage", "Bearer", "a.b", "a.b.c.d", "..", "...", ".", "a..c", ".b.c", "a.b.", ". .", "a. b.c", "a b.c.d", "a.b.c=", "a.b.c+/", "\"a.b.c\"", "a,b.c.d", "a.b.c,a.b.c", "a.b.c;x",
        "gaia_sk_", "gaia_sk_1234", "gaia_sk", "gaia_", "gaia_LOCAL_", "gaia-prod-", "gaia_LOCAL_short", "GAIA_SK_" + "A1", "Bearer Bearer", "Basic ZGV2OmRldg==", "Negotiate YII=", "Digest username=\"x\"",
        "AWS4-HMAC-SHA256 Credential=x", "token", "Token x", "eyJ", "sk-proj-0123456789", "xoxb-1-2-3", "ghp_0123456789012345678901234567890123456",
    ];

    /// <summary>Every value that a header can carry or that someone may try to have it carry.</summary>
    public static IReadOnlyList<HostileCredential> All => field ??= [.. Texts(), .. Lengths(), .. Keys(), .. Tokens(), .. Bytes()];

    private static IEnumerable<HostileCredential> Texts() => Injections.Concat(Shapes).Select(text => Ascii(text, text));

    private static IEnumerable<HostileCredential> Lengths()
    {
        foreach (var length in new[] { 1, 7, 31, 42, 44, 63, 65, 100, 255, 256, 1000, 4096, 8192, 10_240, 16_000, 31_000, 33_000, 60_000, 200_000 })
        {
            yield return Ascii($"{length} letters", new string('k', length));
            yield return Ascii($"{length} dots", new string('.', length));
            yield return Ascii($"a new key of {length}", Sealed + new string('A', length == 49 ? 50 : length));
        }

        foreach (var length in new[] { 8193, 10_240, 31_000, 100_000 })
            yield return Ascii($"a token of {length}", $"{new string('a', length / 3)}.{new string('b', length / 3)}.{new string('c', length - (length / 3 * 2) - 2)}");
    }

    private static IEnumerable<HostileCredential> Keys()
    {
        var good = Sealed + new string('a', 43) + "2kjyTY";
        for (var position = Sealed.Length; position < good.Length; position++)
            yield return Ascii($"a key with character {position} changed", string.Concat(good.AsSpan(0, position), good[position] == 'x' ? "y" : "x", good.AsSpan(position + 1)));
        yield return Ascii("a key with a longer end", good + "Z");
        yield return Ascii("a key cut short", good[..^1]);
        yield return Ascii("a key in capitals", good.ToUpperInvariant());
        yield return Ascii("a key twice", $"{good}, {good}");
        yield return Ascii("a list of keys", $"{Key},{Key}");
        yield return Ascii("a quoted key", $"\"{Key}\"");
        yield return Ascii("a key in brackets", $"<{Key}>");
        yield return Ascii("a key with a scheme", $"ApiKey {Key}");
        foreach (var other in " !\"#$%&'()*+,./:;<=>?@[\\]^`{|}~")
            yield return Ascii($"a legacy key with {other}", Key[..20] + other + Key[21..]);
        foreach (var length in new[] { 20, 40, 42, 44, 46, 64, 86 })
            yield return Ascii($"a legacy key of {length}", new string('Q', length));
        foreach (var length in new[] { 0, 31, 33, 40 })
            yield return Ascii($"a legacy key LOCAL of {length}", "gaia_LOCAL_" + new string('q', length));
        foreach (var length in new[] { 0, 63, 65 })
            yield return Ascii($"a legacy key prod of {length}", "gaia-prod-" + new string('0', length));
        yield return Ascii("a legacy key that is not hexadecimal", "gaia-prod-" + new string('g', 64));
        yield return Ascii("an unknown key", good, hasForm: true);
        for (var number = 0; number < 10; number++)
            yield return Ascii($"unknown legacy key {number}", $"{number}" + new string('Z', 42), hasForm: true);
        yield return Ascii("unknown legacy key LOCAL", "gaia_LOCAL_" + new string('q', 32), hasForm: true);
        yield return Ascii("unknown legacy key prod", "gaia-prod-" + new string('0', 64), hasForm: true);
    }

    private static IEnumerable<HostileCredential> Tokens()
    {
        const string claims = """{"sub":"00000000-0000-0000-0000-000000000001","role":"super_admin","aud":"authenticated","exp":99999999999}""";
        foreach (var algorithm in new[] { "none", "None", "NONE", "nOnE", "HS256", "HS384", "HS512", "RS256", "PS256", "ES256", "ES384", "EdDSA", "dir", "", "../../dev/null" })
        {
            yield return Token($"an empty signature with {algorithm}", $$"""{"alg":"{{algorithm}}","typ":"JWT"}""", claims, "", hasForm: false);
            yield return Token($"a made up signature with {algorithm}", $$"""{"alg":"{{algorithm}}","typ":"JWT"}""", claims, "c2lnbmF0dXJl");
        }

        foreach (var header in new[]
        {
            "null", "[]", "0", "\"x\"", "{}", "{", "", "{\"alg\":null}", "{\"alg\":7}", "{\"alg\":[\"ES256\"]}", "{\"alg\":\"ES256\",\"alg\":\"none\"}", "{\"alg\":\"ES256\",\"kid\":\"../../../dev/null\"}",
            "{\"alg\":\"ES256\",\"kid\":\"' OR 1=1 --\"}", "{\"alg\":\"ES256\",\"kid\":\"\\u0000\"}", "{\"alg\":\"ES256\",\"jku\":\"http://127.0.0.1:9/keys\"}", "{\"alg\":\"ES256\",\"x5u\":\"http://127.0.0.1:9/\"}",
            "{\"alg\":\"ES256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}", "{\"alg\":\"ES256\",\"crit\":[\"x\"],\"x\":1}", "{\"alg\":\"ES256\",\"zip\":\"DEF\"}", "{\"alg\":\"ES256\",\"b64\":false}", "\ufeff{\"alg\":\"ES256\"}", "{\"alg\":\"ES256\ud800\"}",
        })
            yield return Token($"a header {header}", header, claims, "c2lnbmF0dXJl", hasForm: header.Length > 0);
        foreach (var body in new[] { "null", "[]", "7", "{", "{}", "{\"iss\":\"gaia-auth\"}", "{\"iss\":null}", "{\"iss\":[]}", "{\"exp\":\"soon\"}", "{\"exp\":1e400}", "{\"exp\":-1}", "{\"sub\":{}}", "{\"aud\":{}}", "{\"sub\":\"\\u0000\"}" })
            yield return Token($"claims {body}", """{"alg":"ES256","typ":"JWT"}""", body, "c2lnbmF0dXJl");
        yield return Token("a deep header", $$"""{"alg":"ES256","x":{{new string('[', 2000)}}{{new string(']', 2000)}}}""", claims, "c2ln");
        yield return Token("deep claims", """{"alg":"ES256"}""", $$"""{"x":{{new string('[', 2000)}}{{new string(']', 2000)}}}""", "c2ln");
        yield return Token("10 KB of claims", """{"alg":"ES256"}""", $$"""{"x":"{{new string('x', 10_240)}}"}""", "c2ln", hasForm: false);
        yield return Ascii("letters as a token", "a.b.c", hasForm: true);
        yield return Ascii("invalid Base64 as a token", "A.A.A", hasForm: true);
        yield return Ascii("five parts, an encrypted token", "eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn");
    }

    /// <summary>What is no text, or not the text that it looks like.</summary>
    private static IEnumerable<HostileCredential> Bytes()
    {
        for (byte control = 0; control < 0x20; control++)
            yield return new($"control character {control:X2}", [.. Encoding.ASCII.GetBytes(Key[..20]), control, .. Encoding.ASCII.GetBytes(Key[21..])]);
        foreach (var high in new byte[] { 0x7F, 0x80, 0x85, 0xA0, 0xAD, 0xC0, 0xE9, 0xF5, 0xFE, 0xFF })
            yield return new($"byte {high:X2}", [.. Encoding.ASCII.GetBytes(Key[..^1]), high]);
        foreach (var text in new[]
        {
            // Cyrillic and full-width letters, combining marks, bidirectional and invisible ones.
            "\u0410JUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnE", "FJUeDkZRy0uPp7cYtavMsIfwi7weF9\u2010RT7BeOlusqnE", "\uff26JUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnE", Key[..^1] + "e\u0301",
            "\u202e" + Key[1..], Key[..^1] + "\u200b", Key[..^1] + "\u00a0", Key[..^1] + "\u2028", "\ufeff" + Key, "\U0001f511", "ключ", "a\uff0eb\uff0ec", "g\u0430ia_sk_" + new string('a', 43) + "2kjyTY", "\uff11\uff12\uff13",
        })
            yield return new($"text {string.Join(' ', text.Where(c => c > 127).Select(c => $"{(int)c:X4}"))} in {text.Length}", Encoding.UTF8.GetBytes(text));
        yield return new("overlong UTF-8", [0xC0, 0xAF, 0xC0, 0xAE]);
        yield return new("a lone surrogate", [0xED, 0xA0, 0x80]);
        yield return new("UTF-16", Encoding.Unicode.GetBytes(Key));
        yield return new("UTF-16 with its mark", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Key)]);
        yield return Ascii("another header behind a line end", $"{Key[1..]}\r\nX-Injected: 1");
        yield return Ascii("a continued line", $"{Key[1..]}\r\n continued");
        yield return Ascii("another request behind it", $"{Key[1..]}\r\n\r\nGET /internal/x HTTP/1.1\r\nHost: x");
        yield return Ascii("a line feed alone", $"{Key[1..]}\nX-Injected: 1");
        yield return Ascii("a carriage return alone", $"{Key[1..]}\rX-Injected: 1");
    }

    private static HostileCredential Token(string name, string header, string claims, string signature, bool hasForm = true) =>
        Ascii(name, $"{Base64(header)}.{Base64(claims)}.{signature}", hasForm);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static HostileCredential Ascii(string name, string text, bool hasForm = false) => new(name, Encoding.ASCII.GetBytes(text), hasForm);
}
