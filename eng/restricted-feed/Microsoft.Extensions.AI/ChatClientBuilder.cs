using Microsoft.Extensions.AI;

namespace Microsoft.Extensions.AI
{
    public sealed class ChatClientBuilder
    {
        private readonly Func<IServiceProvider, IChatClient> _innerClientFactory;
        private readonly List<Func<IChatClient, IServiceProvider, IChatClient>> _clientFactories = [];

        public ChatClientBuilder(IChatClient innerClient)
        {
            ArgumentNullException.ThrowIfNull(innerClient);
            _innerClientFactory = _ => innerClient;
        }

        public ChatClientBuilder(Func<IServiceProvider, IChatClient> innerClientFactory)
        {
            ArgumentNullException.ThrowIfNull(innerClientFactory);
            _innerClientFactory = innerClientFactory;
        }

        /// <summary>The first one added is the outermost.</summary>
        public IChatClient Build(IServiceProvider? services = null)
        {
            services ??= NoServices.Instance;
            return Enumerable.Reverse(_clientFactories).Aggregate(
                _innerClientFactory(services),
                (client, factory) => factory(client, services) ?? throw new InvalidOperationException("A ChatClientBuilder entry returned null."));
        }

        public ChatClientBuilder Use(Func<IChatClient, IChatClient> clientFactory)
        {
            ArgumentNullException.ThrowIfNull(clientFactory);
            return Use((client, _) => clientFactory(client));
        }

        public ChatClientBuilder Use(Func<IChatClient, IServiceProvider, IChatClient> clientFactory)
        {
            ArgumentNullException.ThrowIfNull(clientFactory);
            _clientFactories.Add(clientFactory);
            return this;
        }

        private sealed class NoServices : IServiceProvider
        {
            public static readonly NoServices Instance = new();

            public object? GetService(Type serviceType) => null;
        }
    }

    public static class ChatClientBuilderChatClientExtensions
    {
        public static ChatClientBuilder AsBuilder(this IChatClient innerClient) => new(innerClient);
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    public static class ChatClientBuilderServiceCollectionExtensions
    {
        public static ChatClientBuilder AddChatClient(
            this IServiceCollection serviceCollection, IChatClient innerClient, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
            AddChatClient(serviceCollection, _ => innerClient, lifetime);

        public static ChatClientBuilder AddChatClient(
            this IServiceCollection serviceCollection, Func<IServiceProvider, IChatClient> innerClientFactory, ServiceLifetime lifetime = ServiceLifetime.Singleton)
        {
            ArgumentNullException.ThrowIfNull(serviceCollection);
            var builder = new ChatClientBuilder(innerClientFactory);
            serviceCollection.Add(new ServiceDescriptor(typeof(IChatClient), builder.Build, lifetime));
            return builder;
        }

        public static ChatClientBuilder AddKeyedChatClient(
            this IServiceCollection serviceCollection, object? serviceKey, IChatClient innerClient, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
            AddKeyedChatClient(serviceCollection, serviceKey, _ => innerClient, lifetime);

        public static ChatClientBuilder AddKeyedChatClient(
            this IServiceCollection serviceCollection, object? serviceKey, Func<IServiceProvider, IChatClient> innerClientFactory, ServiceLifetime lifetime = ServiceLifetime.Singleton)
        {
            ArgumentNullException.ThrowIfNull(serviceCollection);
            var builder = new ChatClientBuilder(innerClientFactory);
            serviceCollection.Add(new ServiceDescriptor(typeof(IChatClient), serviceKey, (services, _) => builder.Build(services), lifetime));
            return builder;
        }
    }
}
