using Microsoft.Playwright;

namespace Gaia.Tests.Browser;

/// <summary>A test in the browser. None leaves an error in a console, runs a script that is not ours, or asks another site for anything.</summary>
[Collection(BrowserGroup.Name)]
public abstract class BrowserTest(BrowserStack stack) : IAsyncLifetime
{
    private readonly List<Person> _people = [];
    private readonly List<Caller> _callers = [];

    internal BrowserStack Stack => stack;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _callers.ForEach(caller => caller.Dispose());
        foreach (var person in _people)
            await person.DisposeAsync();
        _people.ForEach(person => person.HasNoTroubles());
    }

    /// <summary>A window of its own, of nobody yet.</summary>
    internal async Task<Person> OpenAsync(BrowserNewContextOptions? options = null)
    {
        var person = await stack.OpenAsync(options);
        _people.Add(person);
        return person;
    }

    /// <summary>A new user.</summary>
    internal async Task<Caller> RegisterAsync(string? email = null)
    {
        var caller = await stack.RegisterAsync(email);
        _callers.Add(caller);
        return caller;
    }

    /// <summary>A window of somebody who is signed in.</summary>
    internal async Task<Person> SignInAsync(Caller caller, BrowserNewContextOptions? options = null)
    {
        var person = await OpenAsync(options);
        await person.SignInAsync(caller.Email);
        return person;
    }
}
