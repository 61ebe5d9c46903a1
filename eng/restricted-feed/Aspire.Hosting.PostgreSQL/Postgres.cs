namespace Aspire.Hosting.ApplicationModel
{
    public class PostgresServerResource : ContainerServer
    {
        internal PostgresServerResource(IDistributedApplicationBuilder builder, string name) : base(builder, name, "Aspire.Hosting.PostgreSQL") { }
    }

    public class PostgresDatabaseResource : ContainerServer
    {
        internal PostgresDatabaseResource(IDistributedApplicationBuilder builder, string name, string databaseName) : base(builder, name, "Aspire.Hosting.PostgreSQL") => DatabaseName = databaseName;
        public string DatabaseName { get; }
    }
}

namespace Aspire.Hosting
{
    public static class PostgresBuilderExtensions
    {
        public static IResourceBuilder<PostgresServerResource> AddPostgres(this IDistributedApplicationBuilder builder, string name,
            IResourceBuilder<ParameterResource>? userName = null, IResourceBuilder<ParameterResource>? password = null, int? port = null)
            => builder.AddResource(new PostgresServerResource(builder, name));
        public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
            => builder.ApplicationBuilder.AddResource(new PostgresDatabaseResource(builder.ApplicationBuilder, name, databaseName ?? name));
        public static IResourceBuilder<PostgresServerResource> WithDataVolume(this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) => builder;
    }
}
