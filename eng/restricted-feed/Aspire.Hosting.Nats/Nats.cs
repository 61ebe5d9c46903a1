using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    public class NatsServerResource(string name, ParameterResource? userName, ParameterResource password) : ContainerResource(name), IResourceWithConnectionString
    {
        public EndpointReference PrimaryEndpoint => new(this, "tcp");
        public ParameterResource? UserNameParameter { get; } = userName;
        public ParameterResource PasswordParameter { get; } = password;

        public ReferenceExpression ConnectionStringExpression => UserNameParameter is null
            ? ReferenceExpression.Create($"nats://nats:{PasswordParameter:uri}@{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)}")
            : ReferenceExpression.Create($"nats://{UserNameParameter:uri}:{PasswordParameter:uri}@{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)}");
    }
}

namespace Aspire.Hosting
{
    public static class NatsBuilderExtensions
    {
        public static IResourceBuilder<NatsServerResource> AddNats(this IDistributedApplicationBuilder builder, string name, int? port = null,
            IResourceBuilder<ParameterResource>? userName = null, IResourceBuilder<ParameterResource>? password = null)
            => builder.AddContainerServer(
                new NatsServerResource(name, userName?.Resource, password?.Resource ?? builder.PasswordOf(name)), "Aspire.Hosting.Nats", "tcp", port, 4222);

        public static IResourceBuilder<NatsServerResource> WithJetStream(this IResourceBuilder<NatsServerResource> builder) => builder;

        public static IResourceBuilder<NatsServerResource> WithDataVolume(
            this IResourceBuilder<NatsServerResource> builder, string? name = null, bool isReadOnly = false) => builder;
    }
}
