using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Gaia.Tests.RestrictedFeed;

/// <summary>
/// eng/restricted-feed/surface.txt lists what Gaia uses of each package that such a feed lacks: a reviewer checks these lines, and no others, against the real packages.
/// With the stand-ins these tests keep the list complete; with the real packages they check each line against them.
/// </summary>
public sealed class SurfaceTests
{
    private const string Rewrite = "GAIA_WRITE_SURFACE";

    private static readonly string Feed = FindFeed();

    private static readonly string File = Path.Combine(Feed, "surface.txt");

    /// <summary>Of these such a feed has an older release, whose members need not have the same signatures.</summary>
    private static readonly string[] OlderReleases = ["StackExchange.Redis", "Yarp.ReverseProxy"];

    /// <summary>Assemblies that the packages have beside the one they are named after; a type may live in either.</summary>
    private static readonly string[] Siblings =
    [
        "Microsoft.Extensions.ServiceDiscovery.Abstractions", "Microsoft.IdentityModel.Abstractions", "Microsoft.IdentityModel.Logging", "Microsoft.IdentityModel.Tokens",
        "NATS.Client.Abstractions", "NATS.Client.Simplified", "NATS.Net",
    ];

    private static readonly HashSet<string> StoodIn =
        [.. Directory.GetDirectories(Feed).Select(folder => Path.GetFileName(folder)), .. OlderReleases, .. Siblings];

    private static bool HasStandIns => typeof(NATS.Client.Core.INatsConnection).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Any(attribute => attribute.Key == "RestrictedFeedStandIn");

    [Fact]
    public void The_list_of_used_members_is_complete_and_has_no_more()
    {
        var used = Directory.GetFiles(AppContext.BaseDirectory, "Gaia.*.dll").SelectMany(References).Distinct().Order(StringComparer.Ordinal).ToArray();
        if (HasStandIns && Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            System.IO.File.WriteAllLines(File, [$"# Written by SurfaceTests: {Rewrite}=1 dotnet test --filter SurfaceTests", .. used]);
        }

        var listed = Listed();
        var missing = Comparable(used).Except(Comparable(listed)).ToArray();
        var stale = Comparable(listed).Except(Comparable(used)).ToArray();
        Assert.True(
            missing.Length + stale.Length == 0,
            $"{File} is out of date. Rewrite it with {Rewrite}=1 dotnet test --filter SurfaceTests on the restricted feed, and check the new lines against the real packages' source.\n"
            + string.Join('\n', [.. missing.Select(line => $"+ {line}"), .. stale.Select(line => $"- {line}")]));
    }

    [Fact]
    public void Each_used_member_exists()
    {
        var defined = StoodIn.Select(name => Path.Combine(AppContext.BaseDirectory, $"{name}.dll")).Where(System.IO.File.Exists).SelectMany(Definitions).ToHashSet();
        var names = defined.Select(WithoutSignature).ToHashSet();
        var unknown = Listed().Where(line => IsOfOlderRelease(line) ? !names.Contains(WithoutSignature(WithoutAssembly(line))) : !defined.Contains(WithoutAssembly(line))).ToArray();
        Assert.True(unknown.Length == 0, $"No assembly here has these:\n{string.Join('\n', unknown)}");
    }

    /// <summary>All lines, as <c>wc -l</c> counts them. Over a limit, offer less of the package.</summary>
    [Theory]
    [InlineData("Aspire.Hosting", 1000)]
    [InlineData("Aspire.Hosting.Testing", 120)]
    [InlineData("NATS.Client.Core", 600)]
    [InlineData("", 700)]
    public void The_stand_ins_stay_small(string group, int limit)
    {
        string[] groups = ["Aspire.Hosting.Testing", "Aspire.Hosting", "NATS.Client.Core", ""];
        var lines = Directory.GetDirectories(Feed)
            .Where(folder => Array.Find(groups, name => Path.GetFileName(folder).StartsWith(name, StringComparison.Ordinal)) == group)
            .SelectMany(folder => Directory.GetFiles(folder, "*.cs"))
            .SelectMany(System.IO.File.ReadLines)
            .Count();
        Assert.InRange(lines, 1, limit);
    }

    private static string[] Listed() => [.. System.IO.File.ReadAllLines(File).Where(line => !line.StartsWith('#'))];

    /// <summary>With the real packages a type may live in another assembly, and a newer release may bind to another overload.</summary>
    private static IEnumerable<string> Comparable(IEnumerable<string> lines) => HasStandIns ? lines : lines.Where(line => !IsOfOlderRelease(line)).Select(WithoutAssembly);

    private static bool IsOfOlderRelease(string line) => OlderReleases.Any(name => line.StartsWith($"{name}: ", StringComparison.Ordinal));

    private static string WithoutAssembly(string line) => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..];

    private static string WithoutSignature(string line) => line.Split('(', ' ')[0];

    private static List<string> References(string path)
    {
        using var file = new PEReader(System.IO.File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var names = new Names();
        var lines = new List<string>();
        foreach (var handle in metadata.TypeReferences)
        {
            if (Assembly(metadata, handle) is { } assembly)
            {
                lines.Add($"{assembly}: {names.GetTypeFromReference(metadata, handle, 0)}");
            }
        }

        foreach (var member in metadata.MemberReferences.Select(metadata.GetMemberReference))
        {
            var parent = member.Parent.Kind == HandleKind.TypeSpecification
                ? metadata.GetTypeSpecification((TypeSpecificationHandle)member.Parent).DecodeSignature(new Generics(), null)
                : member.Parent;
            if (parent.Kind == HandleKind.TypeReference && Assembly(metadata, (TypeReferenceHandle)parent) is { } assembly)
            {
                var type = names.GetTypeFromReference(metadata, (TypeReferenceHandle)parent, 0);
                var name = metadata.GetString(member.Name);
                lines.Add($"{assembly}: " + (member.GetKind() == MemberReferenceKind.Field
                    ? Field(type, name, member.DecodeFieldSignature(names, null))
                    : Method(type, name, member.DecodeMethodSignature(names, null))));
            }
        }

        return lines;
    }

    private static List<string> Definitions(string path)
    {
        using var file = new PEReader(System.IO.File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var names = new Names();
        var lines = new List<string>();
        foreach (var handle in metadata.TypeDefinitions)
        {
            var definition = metadata.GetTypeDefinition(handle);
            var type = names.GetTypeFromDefinition(metadata, handle, 0);
            lines.Add(type);
            lines.AddRange(definition.GetMethods().Select(metadata.GetMethodDefinition).Select(method => Method(type, metadata.GetString(method.Name), method.DecodeSignature(names, null))));
            lines.AddRange(definition.GetFields().Select(metadata.GetFieldDefinition).Select(field => Field(type, metadata.GetString(field.Name), field.DecodeSignature(names, null))));
        }

        return lines;
    }

    private static string? Assembly(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var scope = metadata.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => Assembly(metadata, (TypeReferenceHandle)scope),
            HandleKind.AssemblyReference when metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)scope).Name) is var name && StoodIn.Contains(name) => name,
            _ => null,
        };
    }

    private static string Method(string type, string name, MethodSignature<string> signature) =>
        $"{type}.{name}{(signature.GenericParameterCount > 0 ? $"`{signature.GenericParameterCount}" : "")}({string.Join(", ", signature.ParameterTypes)}) : {signature.ReturnType}";

    private static string Field(string type, string name, string fieldType) => $"{type}.{name} : {fieldType}";

    private static string FindFeed()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder!.FullName, "eng", "restricted-feed")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("eng/restricted-feed");
        }

        return Path.Combine(folder.FullName, "eng", "restricted-feed");
    }

    /// <summary>Types as text, without the assemblies they live in.</summary>
    private sealed class Names : ISignatureTypeProvider<string, object?>
    {
        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

        public string GetByReferenceType(string elementType) => $"ref {elementType}";

        public string GetFunctionPointerType(MethodSignature<string> signature) => "delegate*";

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(", ", typeArguments)}>";

        public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => elementType;

        public string GetPointerType(string elementType) => $"{elementType}*";

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => $"{typeCode}";

        public string GetSZArrayType(string elementType) => $"{elementType}[]";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeDefinition(handle);
            return type.GetDeclaringType() is { IsNil: false } outer
                ? $"{GetTypeFromDefinition(reader, outer, 0)}+{reader.GetString(type.Name)}"
                : Full(reader.GetString(type.Namespace), reader.GetString(type.Name));
        }

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeReference(handle);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0)}+{reader.GetString(type.Name)}"
                : Full(reader.GetString(type.Namespace), reader.GetString(type.Name));
        }

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        private static string Full(string space, string name) => space.Length == 0 ? name : $"{space}.{name}";
    }

    /// <summary>Finds the type that a generic one is made from; anything else is of no interest.</summary>
    private sealed class Generics : ISignatureTypeProvider<EntityHandle, object?>
    {
        public EntityHandle GetArrayType(EntityHandle elementType, ArrayShape shape) => default;

        public EntityHandle GetByReferenceType(EntityHandle elementType) => default;

        public EntityHandle GetFunctionPointerType(MethodSignature<EntityHandle> signature) => default;

        public EntityHandle GetGenericInstantiation(EntityHandle genericType, ImmutableArray<EntityHandle> typeArguments) => genericType;

        public EntityHandle GetGenericMethodParameter(object? genericContext, int index) => default;

        public EntityHandle GetGenericTypeParameter(object? genericContext, int index) => default;

        public EntityHandle GetModifiedType(EntityHandle modifier, EntityHandle unmodifiedType, bool isRequired) => unmodifiedType;

        public EntityHandle GetPinnedType(EntityHandle elementType) => default;

        public EntityHandle GetPointerType(EntityHandle elementType) => default;

        public EntityHandle GetPrimitiveType(PrimitiveTypeCode typeCode) => default;

        public EntityHandle GetSZArrayType(EntityHandle elementType) => default;

        public EntityHandle GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => handle;

        public EntityHandle GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => handle;

        public EntityHandle GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => default;
    }
}
