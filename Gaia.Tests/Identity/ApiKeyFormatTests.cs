using Gaia.ServiceDefaults.Identity;

namespace Gaia.Tests.Identity;

public sealed class ApiKeyFormatTests
{
    [Fact]
    public void New_keys_are_accepted_and_differ()
    {
        var keys = Enumerable.Range(0, 200).Select(_ => ApiKeyFormat.Generate()).ToList();

        Assert.All(keys, key => Assert.Matches(@"\Agaia_sk_[0-9A-Za-z]{49}\z", key));
        Assert.All(keys, key => Assert.True(ApiKeyFormat.IsAccepted(key)));
        Assert.Equal(keys.Count, keys.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void The_checksum_is_the_common_CRC_32_in_base62()
    {
        // zlib.crc32(b"gaia_sk_" + b"a" * 43) == 0x9660EC50
        Assert.True(ApiKeyFormat.IsAccepted("gaia_sk_" + new string('a', 43) + "2kjyTY"));
    }

    [Fact]
    public void A_key_with_one_character_changed_is_refused()
    {
        var key = ApiKeyFormat.Generate();
        for (var i = 0; i < key.Length; i++)
        {
            var changed = key.ToCharArray();
            changed[i] = changed[i] == 'x' ? 'y' : 'x';
            Assert.False(ApiKeyFormat.IsAccepted(changed), $"character {i}");
        }
    }

    [Theory]
    [InlineData("FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnE")]
    [InlineData("gaia_LOCAL_abcdefghijABCDEFGHIJ0123456789ab")]
    [InlineData("gaia_staging_abcdefghijABCDEFGHIJ0123456789ab")]
    [InlineData("gaia-prod-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("0123456789abcdefghijklmnopqrstuvwxyzABCD_-x")]
    public void Legacy_forms_are_accepted(string key) => Assert.True(ApiKeyFormat.IsAccepted(key));

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("this-is-not-a-real-key-but-a-long-one-all-the-same")]
    [InlineData("' OR '1'='1")]
    [InlineData("FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqn'")]
    [InlineData("FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnE\n")]
    [InlineData("FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqné")]
    [InlineData("gaia_sk_abcdefghijABCDEFGHIJ0123456789ab")]
    [InlineData("gaia_LOCAL_abcdefghijABCDEFGHIJ0123456789abc")]
    [InlineData("gaia_LOCAL_abcdefghijABCDEFGHIJ0123456789'--")]
    [InlineData("gaia-prod-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg")]
    public void Anything_else_is_refused(string key) => Assert.False(ApiKeyFormat.IsAccepted(key));
}
