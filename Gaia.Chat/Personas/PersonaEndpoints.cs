using System.Security.Claims;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Gaia.Chat.Personas;

/// <summary>The same routes below <c>/api/v0.2</c> and <c>/api/v1</c>, and three below <c>/api/v1/chat</c>.</summary>
internal static class PersonaEndpoints
{
    private const int MaxEchoedId = 100;

    internal static void MapPersonas(this IEndpointRouteBuilder routes)
    {
        foreach (var (path, list) in ((string, Delegate)[])[("/api/v0.2/personas", ListCountedAsync), ("/api/v1/personas", ListRetrievedAsync)])
        {
            var (reads, writes) = Groups(routes, path);
            MapList(reads, list);
            MapCreate(writes);
            reads.MapGet("current", CurrentAsync)
                .WithSummary("Get the persona that answers the caller")
                .WithDescription("The one that was set, or else the default one.")
                .Produces<PersonaAnswer>();
            reads.MapGet("{id}", GetAsync)
                .WithSummary("Get a persona")
                .Produces<PersonaAnswer>()
                .Produces<ErrorBody>(StatusCodes.Status404NotFound);
            writes.MapPut("{id}", UpdateAsync)
                .WithSummary("Change a persona")
                .WithDescription("What is left out stays as it is. Everybody's personas are changed by administrators.")
                .WithBody<PersonaChangesBody>()
                .Produces<PersonaAnswer>()
                .Produces<ErrorBody>(StatusCodes.Status403Forbidden)
                .Produces<ErrorBody>(StatusCodes.Status404NotFound)
                .Produces<ErrorBody>(StatusCodes.Status409Conflict)
                .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
            writes.MapDelete("{id}", DeleteAsync)
                .WithSummary("Delete a persona")
                .WithDescription("Whoever had set it gets the default one. With `is_active` a change takes it back.")
                .Produces<DeletedPersona>()
                .Produces<ErrorBody>(StatusCodes.Status403Forbidden)
                .Produces<ErrorBody>(StatusCodes.Status404NotFound);
            MapChoice(writes.MapPost("set", ChooseAsync));
            writes.MapPost("initialize-default", InitializeAsync)
                .WithSummary("Make the default persona where it is missing")
                .Produces<InitializedPersona>();
        }

        var (chatReads, chatWrites) = Groups(routes, "/api/v1/chat/personas");
        MapList(chatReads, ListRetrievedAsync);
        MapCreate(chatWrites);
        MapChoice(chatWrites.MapPut("", ChooseAsync));
    }

    private static (RouteGroupBuilder Reads, RouteGroupBuilder Writes) Groups(IEndpointRouteBuilder routes, string path) =>
        (routes.MapGroup(path).WithTags("Personas").RequirePermission("chat", "read"), routes.MapGroup(path).WithTags("Personas").RequirePermission("chat", "create"));

    private static void MapList(RouteGroupBuilder group, Delegate list) =>
        group.MapGet("", list)
            .WithSummary("List the caller's own personas and everybody's")
            .WithDescription("The newest first; with `active_only=false` also deleted ones.")
            .Produces<PersonaList>()
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);

    private static void MapCreate(RouteGroupBuilder group) =>
        group.MapPost("", CreateAsync)
            .WithSummary("Make a persona of the caller's own")
            .WithBody<NewPersonaBody>()
            .Produces<PersonaAnswer>()
            .Produces<ErrorBody>(StatusCodes.Status409Conflict)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);

    private static void MapChoice(RouteHandlerBuilder endpoint) =>
        endpoint.WithSummary("Set the persona that answers the caller from now on")
            .WithBody<PersonaChoiceBody>()
            .Produces<ChosenPersona>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);

    private static Task<IResult> ListCountedAsync(
        [FromQuery(Name = "active_only")] string? activeOnly, ClaimsPrincipal user, PersonaDirectory directory, CancellationToken cancellationToken) =>
        ListAsync(activeOnly, static count => $"Found {count} personas", user, directory, cancellationToken);

    private static Task<IResult> ListRetrievedAsync(
        [FromQuery(Name = "active_only")] string? activeOnly, ClaimsPrincipal user, PersonaDirectory directory, CancellationToken cancellationToken) =>
        ListAsync(activeOnly, static _ => "Personas retrieved successfully", user, directory, cancellationToken);

    private static async Task<IResult> ListAsync(
        string? activeOnly, Func<int, string> message, ClaimsPrincipal user, PersonaDirectory directory, CancellationToken cancellationToken)
    {
        bool? active = activeOnly?.ToLowerInvariant() switch
        {
            null or "" or "true" or "1" or "yes" or "on" => true,
            "false" or "0" or "no" or "off" => false,
            _ => null,
        };
        if (active is not { } only)
            return LegacyResults.Invalid("bool_parsing", "active_only must be true or false", "query", "active_only");
        var personas = await directory.ListAsync(user.UserId(), only, cancellationToken);
        return TypedResults.Json(new PersonaList(true, personas, personas.Count, message(personas.Count)), PersonaJson.Readable.PersonaList);
    }

    private static async Task<JsonHttpResult<PersonaAnswer>> CurrentAsync(ClaimsPrincipal user, PersonaDirectory directory, CancellationToken cancellationToken) =>
        Answer(
            "Current persona retrieved successfully",
            (await directory.ChosenAsync(user.UserId(), cancellationToken) ?? await directory.DefaultAsync(cancellationToken)).Persona);

    private static async Task<Results<JsonHttpResult<PersonaAnswer>, JsonHttpResult<ErrorBody>>> GetAsync(
        string id, ClaimsPrincipal user, PersonaDirectory directory, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && await directory.FindAsync(user.UserId(), key, cancellationToken) is { } found
            ? Answer("Persona retrieved successfully", found.Persona)
            : NotFound(id);

    private static async Task<Results<JsonHttpResult<PersonaAnswer>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> CreateAsync(
        HttpContext http, ClaimsPrincipal user, PersonaStore store, PersonaDirectory directory, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, PersonaText.MaxBodySize, emptyIsObject: false, cancellationToken);
        if (!PersonaText.TryRead(body, isNew: true, out var text, out var mistake))
            return mistake;
        var (persona, refusal) = await store.CreateAsync(user.UserId(), text, cancellationToken);
        if (persona is null)
            return refusal == PersonaRefusal.NameTaken ? NameTaken() : TooMany();
        await directory.ChangedAsync(persona);
        return Answer("Persona created successfully", persona);
    }

    private static async Task<Results<JsonHttpResult<PersonaAnswer>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> UpdateAsync(
        string id, HttpContext http, ClaimsPrincipal user, PersonaStore store, PersonaDirectory directory, PermissionStore permissions, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, PersonaText.MaxBodySize, emptyIsObject: false, cancellationToken);
        if (!PersonaText.TryRead(body, isNew: false, out var text, out var mistake))
            return mistake;
        if (!Guid.TryParse(id, out var key))
            return NotFound(id);
        var (persona, refusal) = await store.UpdateAsync(user.UserId(), await permissions.IsAdministratorAsync(user, cancellationToken), key, text, cancellationToken);
        if (persona is null)
        {
            return refusal switch
            {
                PersonaRefusal.NameTaken => NameTaken(),
                PersonaRefusal.TooMany => TooMany(),
                _ => await RefuseAsync(id, key, user, directory, cancellationToken),
            };
        }

        await directory.ChangedAsync(persona);
        return Answer("Persona updated successfully", persona);
    }

    private static async Task<Results<JsonHttpResult<DeletedPersona>, JsonHttpResult<ErrorBody>>> DeleteAsync(
        string id, ClaimsPrincipal user, PersonaStore store, PersonaDirectory directory, PermissionStore permissions, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var key))
            return NotFound(id);
        var (persona, _) = await store.DeleteAsync(user.UserId(), await permissions.IsAdministratorAsync(user, cancellationToken), key, cancellationToken);
        if (persona is null)
            return await RefuseAsync(id, key, user, directory, cancellationToken);
        await directory.ChangedAsync(persona);
        return TypedResults.Json(new DeletedPersona(true, "Persona deleted successfully", key), PersonaJson.Readable.DeletedPersona);
    }

    private static async Task<Results<JsonHttpResult<ChosenPersona>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> ChooseAsync(
        HttpContext http, ClaimsPrincipal user, PersonaStore store, PersonaDirectory directory, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, PersonaText.MaxBodySize, emptyIsObject: false, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        if (!body.TryGetText("persona_id", out var wish, out var mistake))
            return mistake;
        if (string.IsNullOrWhiteSpace(wish))
            return LegacyResults.Invalid("missing", "persona_id is required", "body", "persona_id");

        var userId = user.UserId();
        var known = wish.Equals(PersonaPrompts.NoWish, StringComparison.OrdinalIgnoreCase)
            ? await directory.DefaultAsync(cancellationToken)
            : await directory.FindAsync(userId, wish, cancellationToken);
        if (known?.Persona is not { } persona || await store.ChooseAsync(userId, persona.Id, cancellationToken) is not { } chosenAt)
            return NotFound(wish);
        await directory.ChangedAsync(null, userId.ToString());
        return TypedResults.Json(
            new ChosenPersona(true, $"Active persona set to {persona.Name}", persona.Id, persona.Name, userId, chosenAt), PersonaJson.Readable.ChosenPersona);
    }

    private static async Task<JsonHttpResult<InitializedPersona>> InitializeAsync(PersonaDirectory directory, CancellationToken cancellationToken)
    {
        var made = await directory.InitializeAsync(cancellationToken);
        var persona = (await directory.DefaultAsync(PersonaDirectory.DefaultName, cancellationToken)).Persona;
        return TypedResults.Json(
            new InitializedPersona(true, made ? "Default persona created successfully" : "Default persona already exists", persona, made), PersonaJson.Readable.InitializedPersona);
    }

    /// <summary>Why nothing was changed: everybody's persona is there to be read, anything else is not there.</summary>
    private static async Task<JsonHttpResult<ErrorBody>> RefuseAsync(string id, Guid key, ClaimsPrincipal user, PersonaDirectory directory, CancellationToken cancellationToken) =>
        (await directory.FindAsync(user.UserId(), key, cancellationToken))?.Persona is { } shared && shared.IsEverybodys()
            ? LegacyResults.Error(StatusCodes.Status403Forbidden, $"{shared.Name} is everybody's persona: only an administrator may change it. Make one of your own")
            : NotFound(id);

    private static JsonHttpResult<PersonaAnswer> Answer(string message, PersonaBody persona) =>
        TypedResults.Json(new PersonaAnswer(true, message, persona), PersonaJson.Readable.PersonaAnswer);

    private static JsonHttpResult<ErrorBody> NotFound(string id) => LegacyResults.NotFound($"Persona not found: {TextRules.Cut(id, MaxEchoedId, "...")}");

    private static JsonHttpResult<ErrorBody> NameTaken() => Conflict("There is a persona of this name already: choose another name, or change that one");

    private static JsonHttpResult<ErrorBody> TooMany() => Conflict($"You have {PersonaStore.MaxPerUser} personas, and that is the most: delete one first");

    private static JsonHttpResult<ErrorBody> Conflict(string detail) => LegacyResults.Error(StatusCodes.Status409Conflict, detail);
}
