using Gaia.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

/// <summary>The pictures of docs/images, which are written there when <c>GAIA_SCREENSHOTS=1</c>.</summary>
public sealed class PictureTests(BrowserStack stack) : BrowserTest(stack)
{
    private const int MaxBytes = 200 * 1024;

    private const string Question = "Which sorting should I use for nearly sorted data?";

    private const string Answer = """
        For data that is **nearly sorted**, insertion sort is hard to beat: it only moves what is out of place.

        | algorithm | nearly sorted | worst case | stable |
        |-----------|---------------|------------|--------|
        | insertion | $O(n + d)$    | $O(n^2)$   | yes    |
        | timsort   | $O(n)$        | $O(n \log n)$ | yes |
        | quicksort | $O(n \log n)$ | $O(n^2)$   | no     |

        ```python
        def insertion_sort(items):
            for i in range(1, len(items)):
                item, j = items[i], i
                while j > 0 and items[j - 1] > item:
                    items[j] = items[j - 1]
                    j -= 1
                items[j] = item
            return items
        ```

        Python's own `sorted` is a timsort, so in practice you already have it.
        """;

    private static readonly bool IsWanted = Environment.GetEnvironmentVariable("GAIA_SCREENSHOTS") == "1";

    private static readonly BrowserNewContextOptions Desktop = new() { ViewportSize = new() { Width = 1280, Height = 800 } };

    [Fact]
    public async Task Every_page_of_the_documentation_has_its_picture()
    {
        Stack.Answer(Question, Answer);
        using var caller = await RegisterAsync("ada@example.com");
        await Stack.PromoteAsync(caller);
        await caller.SendAsync(HttpMethod.Put, "/api/v1/auth/user", new { data = new { name = "Ada" } });
        foreach (var (title, question) in ((string, string)[])
                 [("A name for a butterfly", "What would you call a blue butterfly?"), ("Holidays by train", "How do I get from Vienna to Lisbon by train?"), ("Bread without yeast", "Can I bake bread without yeast?"), ("Tulips", "When do tulips bloom?")])
            await caller.BeginAsync(title, question);
        var sorting = await caller.BeginAsync("Sorting nearly sorted data", Question);

        var person = await OpenAsync(Desktop);
        await person.Page.GotoAsync("/login");
        await TakeAsync(person, "login");
        await person.SignInAsync(caller.Email);
        await Expect(person.Conversations).ToHaveCountAsync(5);
        await TakeAsync(person, "chat-empty");
        await person.OpenConversationAsync(sorting);
        await Expect(person.Finished.Locator(".hljs")).ToBeVisibleAsync();
        await person.Page.Locator("#chat-scroll").EvaluateAsync("box => box.scrollTop = 0");
        await TakeAsync(person, "chat-code-and-table");
        await person.OpenConversationAsync(await Stack.BeginLongAsync(caller, 1000));
        await Expect(person.Questions.Last).ToBeVisibleAsync();
        await TakeAsync(person, "chat-long");
        await person.Page.GotoAsync("/design");
        await TakeAsync(person, "design");

        await person.Page.GotoAsync("/admin/models");
        await TakeAsync(person, "admin");

        var phone = await OpenAsync(PhoneTests.Phone);
        await phone.SignInAsync(caller.Email);
        await phone.OpenConversationAsync(sorting);
        await Expect(phone.Finished.Locator(".hljs")).ToBeVisibleAsync();
        await phone.Page.Locator("#chat-scroll").EvaluateAsync("box => box.scrollTop = 0");
        await TakeAsync(phone, "chat-phone");
    }

    private static async Task TakeAsync(Person person, string name)
    {
        await person.SettleAsync();
        // Browsers dither the gradient behind everything, which makes a PNG of several hundred kilobytes.
        var picture = await person.Page.ScreenshotAsync(new() { Type = ScreenshotType.Jpeg, Quality = 88, Animations = ScreenshotAnimations.Disabled, Caret = ScreenshotCaret.Hide });
        Assert.InRange(picture.Length, 1, MaxBytes);
        if (IsWanted)
            await File.WriteAllBytesAsync(Path.Combine(RepositoryClone.Root, "docs", "images", $"{name}.jpg"), picture);
    }
}
