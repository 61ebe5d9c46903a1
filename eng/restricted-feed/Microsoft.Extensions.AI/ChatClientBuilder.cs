using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.AI
{
    public sealed class ChatClientBuilder(Func<IServiceProvider, IChatClient> innerClientFactory)
    {
        private readonly List<Func<IChatClient, IServiceProvider, IChatClient>> _clientFactories = [];

        public ChatClientBuilder(IChatClient innerClient) : this(_ => innerClient) { }

        /// <summary>The first one added is the outermost.</summary>
        public IChatClient Build(IServiceProvider? services = null)
        {
            services ??= new ServiceCollection().BuildServiceProvider();
            return Enumerable.Reverse(_clientFactories).Aggregate(innerClientFactory(services), (client, factory) => factory(client, services));
        }

        public ChatClientBuilder Use(Func<IChatClient, IChatClient> clientFactory) => Use((client, _) => clientFactory(client));

        public ChatClientBuilder Use(Func<IChatClient, IServiceProvider, IChatClient> clientFactory)
        {
            _clientFactories.Add(clientFactory);
            return this;
        }
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    public static class ChatClientBuilderServiceCollectionExtensions
    {
        public static ChatClientBuilder AddKeyedChatClient(this IServiceCollection serviceCollection, object? serviceKey, Func<IServiceProvider, IChatClient> innerClientFactory, ServiceLifetime lifetime = ServiceLifetime.Singleton)
        {
            var builder = new ChatClientBuilder(innerClientFactory);
            serviceCollection.Add(new ServiceDescriptor(typeof(IChatClient), serviceKey, (services, _) => builder.Build(services), lifetime));
            return builder;
        }
    }
}
