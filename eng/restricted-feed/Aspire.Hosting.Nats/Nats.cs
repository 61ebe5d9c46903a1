namespace Aspire.Hosting.ApplicationModel
{
    public class NatsServerResource : ContainerServer
    {
        internal NatsServerResource(IDistributedApplicationBuilder builder, string name) : base(builder, name, "Aspire.Hosting.Nats") { }
    }
}

namespace Aspire.Hosting
{
    public static class NatsBuilderExtensions
    {
        public static IResourceBuilder<NatsServerResource> AddNats(this IDistributedApplicationBuilder builder, string name, int? port = null,
            IResourceBuilder<ParameterResource>? userName = null, IResourceBuilder<ParameterResource>? password = null)
            => builder.AddResource(new NatsServerResource(builder, name));
        public static IResourceBuilder<NatsServerResource> WithJetStream(this IResourceBuilder<NatsServerResource> builder) => builder;
        public static IResourceBuilder<NatsServerResource> WithDataVolume(this IResourceBuilder<NatsServerResource> builder, string? name = null, bool isReadOnly = false) => builder;
    }
}
