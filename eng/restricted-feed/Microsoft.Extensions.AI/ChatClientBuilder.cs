using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.AI
{
    public sealed class ChatClientBuilder(Func<IServiceProvider, IChatClient> innerClientFactory)
    {
        private readonly List<Func<IChatClient, IServiceProvider, IChatClient>> _clientFactories = [];

        public ChatClientBuilder(IChatClient innerClient) : this(_ => innerClient) { }

        /// <summary>The first one added is the outermost.</summary>
        public IChatClient Build(IServiceProvider? services = null) =>
            Build(services ?? new ServiceCollection().BuildServiceProvider(), Enumerable.Reverse(_clientFactories));

        public ChatClientBuilder Use(Func<IChatClient, IChatClient> clientFactory) => Use((client, _) => clientFactory(client));

        public ChatClientBuilder Use(Func<IChatClient, IServiceProvider, IChatClient> clientFactory)
        {
            _clientFactories.Add(clientFactory);
            return this;
        }

        private IChatClient Build(IServiceProvider services, IEnumerable<Func<IChatClient, IServiceProvider, IChatClient>> factories) =>
            factories.Aggregate(innerClientFactory(services), (client, factory) => factory(client, services));
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
        public static ChatClientBuilder AddChatClient(this IServiceCollection serviceCollection, Func<IServiceProvider, IChatClient> innerClientFactory, ServiceLifetime lifetime = ServiceLifetime.Singleton)
        {
            var builder = new ChatClientBuilder(innerClientFactory);
            serviceCollection.Add(new ServiceDescriptor(typeof(IChatClient), builder.Build, lifetime));
            return builder;
        }

        public static ChatClientBuilder AddKeyedChatClient(this IServiceCollection serviceCollection, object? serviceKey, Func<IServiceProvider, IChatClient> innerClientFactory, ServiceLifetime lifetime = ServiceLifetime.Singleton)
        {
            var builder = new ChatClientBuilder(innerClientFactory);
            serviceCollection.Add(new ServiceDescriptor(typeof(IChatClient), serviceKey, (services, _) => builder.Build(services), lifetime));
            return builder;
        }
    }
}
