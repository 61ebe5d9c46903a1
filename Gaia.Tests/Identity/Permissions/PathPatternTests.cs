using System.Text.RegularExpressions;
using Gaia.ServiceDefaults.Identity.Permissions;

namespace Gaia.Tests.Identity.Permissions;

/// <summary>Which resources a pattern covers.</summary>
public sealed class PathPatternTests
{
    [Theory]
    [InlineData("/kb/*", "/kb/a/b", true)]
    [InlineData("/kb/*", "/kb", true)]
    [InlineData("/kb/*", "/kbase/a", false)]
    [InlineData("/kb/*", "/KB/a", false)]
    [InlineData("/users/ab", "/users/ab", true)]
    [InlineData("/users/ab", "/users/abc", false)]
    [InlineData("/users/ab", "/users/ab/c", false)]
    [InlineData("/users/ab/*", "/users/abc", false)]
    [InlineData("/users/ab/*", "/users/abc/d", false)]
    [InlineData("/teams/*/public", "/teams/1/public", true)]
    [InlineData("/teams/*/public", "/teams/1/2/public", false)]
    [InlineData("/teams/*/public", "/teams/1/public/3", false)]
    [InlineData("/teams/*/public/*", "/teams/1/public/3/4", true)]
    [InlineData("/teams/a*b/*", "/teams/axxb/1", true)]
    [InlineData("/teams/a*b/*", "/teams/axx/1", false)]
    [InlineData("*", "/anything/at/all", true)]
    [InlineData("/*", "/anything/at/all", true)]
    [InlineData(null, "/anything/at/all", true)]
    [InlineData("users/ab/", "users/ab", true)]
    [InlineData("/kb/../secret/*", "/secret/a", false)]
    [InlineData("/kb//a", "/kb/a", false)]
    [InlineData("/", "/kb", false)]
    public void A_pattern_covers_what_it_says(string? pattern, string path, bool covered)
    {
        Assert.True(ResourcePath.TryNormalize(path, out var normal));
        Assert.Equal(covered, PathPattern.Parse(pattern).Matches(normal));
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("/*", true)]
    [InlineData(null, true)]
    [InlineData("/kb/*", false)]
    public void Only_a_pattern_for_everything_covers_what_is_asked_without_a_path(string? pattern, bool covered) =>
        Assert.Equal(covered, PathPattern.Parse(pattern).Matches(null));

    [Theory]
    [InlineData("/kb/users/1/../2")]
    [InlineData("/kb/./a")]
    [InlineData("/kb//a")]
    [InlineData("/kb/a\\..\\b")]
    [InlineData("/kb/a\0b")]
    [InlineData("/kb/a\nb")]
    [InlineData("..")]
    [InlineData("/kb/%2E%2e/a")]
    [InlineData("/kb/..%2Fa")]
    [InlineData("/")]
    [InlineData("")]
    public void A_name_that_could_mean_another_place_is_none(string path) => Assert.False(ResourcePath.TryNormalize(path, out _));

    /// <summary>Against the plainest wording of the rules there is: a regular expression, and small words of which all fit together somewhere.</summary>
    [Fact]
    public void Random_patterns_match_as_their_definition_says()
    {
        var random = new Random(20_250_728);
        var covered = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var pattern = RandomPath(random, wild: true);
            var path = RandomPath(random, wild: false);
            var expected = Regex.IsMatch(path, Definition(pattern));
            Assert.True(expected == PathPattern.Parse(pattern).Matches(path), $"{pattern} and {path}: expected {expected}");
            covered += expected ? 1 : 0;
        }

        Assert.InRange(covered, 1_000, 199_000);
    }

    [Fact]
    public void A_pattern_covers_another_only_if_it_covers_all_that_the_other_does()
    {
        var random = new Random(42);
        var paths = Enumerable.Range(0, 400).Select(_ => RandomPath(random, wild: false)).Distinct().ToList();
        var covering = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var (one, other) = (PathPattern.Parse(RandomPath(random, wild: true)), PathPattern.Parse(RandomPath(random, wild: true)));
            if (!one.Covers(other))
                continue;
            covering++;
            Assert.Empty(paths.Where(path => other.Matches(path) && !one.Matches(path)).Select(path => $"{one} does not cover {path}, which {other} does"));
        }

        Assert.InRange(covering, 100, 19_900);
    }

    [Fact]
    public async Task A_hostile_pattern_costs_little()
    {
        var pattern = PathPattern.Parse("/" + string.Concat(Enumerable.Repeat("a*", 200)) + "b/x");
        var path = "/" + new string('a', 5_000) + "/x";

        Assert.False(await Task.Run(() => pattern.Matches(path)).WaitAsync(TimeSpan.FromSeconds(5)));
    }

    private static string Definition(string pattern)
    {
        var subtree = pattern.EndsWith("/*", StringComparison.Ordinal);
        var root = Regex.Escape(subtree ? pattern[..^2] : pattern).Replace("\\*", "[^/]*", StringComparison.Ordinal);
        return subtree ? $@"\A{root}(/.*)?\z" : $@"\A{root}\z";
    }

    private static string RandomPath(Random random, bool wild)
    {
        string[] segments = wild ? ["a", "ab", "abc", "b", "*", "a*", "*b", "a*c", "*"] : ["a", "ab", "abc", "b", "bb", "c", "aXc"];
        return "/" + string.Join('/', random.GetItems(segments, random.Next(wild ? 2 : 1, 5)));
    }
}
