using Gaia.AppHost;

var builder = DistributedApplication.CreateBuilder(args);
var stack = StackBuilder.Configure(builder);
if (stack.Problem is { } problem)
{
    Console.Error.WriteLine(problem);
    return 1;
}

// Servers: containers, or native processes where no container runtime answers.
var database = stack.AddDatabase();
var redis = stack.AddRedis();
var nats = stack.AddNats();

// Services. Each is found by the others through the references below and in no other way.
var auth = stack.AddService<Projects.Gaia_Auth>("auth")
    .Needs(database, redis, nats)
    .WithEnvironment("Gaia__EncryptionKey", stack.AddSecret("encryption-key"));

var kb = stack.AddService<Projects.Gaia_KB>("kb")
    .Needs(database, redis, nats)
    .Calls(auth)
    .IdentifiesTo(auth, stack);

var asset = stack.AddService<Projects.Gaia_Asset>("asset")
    .Needs(database, redis, nats)
    .Calls(auth)
    .IdentifiesTo(auth, stack);

var chat = stack.AddService<Projects.Gaia_Chat>("chat")
    .Needs(database, redis, nats)
    .Calls(auth, kb)
    .IdentifiesTo(auth, stack);

var gateway = stack.AddService<Projects.Gaia_Gateway>("gateway")
    .Needs(database, redis, nats)
    .Calls(auth, chat, asset, kb)
    .IdentifiesTo(auth, stack)
    .WaitFor(auth, WaitBehavior.WaitOnResourceUnavailable)
    .WithOwnOrigins(stack)
    .TrustingLoopback(stack)
    .WithExternalHttpEndpoints();

stack.AddService<Projects.Gaia_Web>("web")
    .Needs(database, redis, nats)
    .Calls(gateway)
    .IdentifiesTo(auth, stack)
    .WithEnvironment("Gaia__EncryptionKey", stack.AddSecret("web-encryption-key"))
    .WaitFor(gateway, WaitBehavior.WaitOnResourceUnavailable)
    .WithDashboardLink(stack)
    .WithExternalHttpEndpoints();

builder.AddSupervision(resource => resource is ProjectResource);
builder.AddAnnouncer(stack);
builder.Build().Run();
return 0;
