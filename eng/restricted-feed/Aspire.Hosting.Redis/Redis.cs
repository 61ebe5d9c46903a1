namespace Aspire.Hosting.ApplicationModel
{
    public class RedisResource : ContainerServer
    {
        internal RedisResource(IDistributedApplicationBuilder builder, string name) : base(builder, name, "Aspire.Hosting.Redis") { }
    }
}

namespace Aspire.Hosting
{
    public static class RedisBuilderExtensions
    {
        public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
            => builder.AddResource(new RedisResource(builder, name));
        public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) => builder;
    }
}
