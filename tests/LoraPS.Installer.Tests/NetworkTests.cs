using LoraPS.Engine.Runtime;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace LoraPS.Installer.Tests;

/// <summary>Who may reach the network: what fetches libtorch, and what fetches the tokenizer when it is allowed to. Nobody else.</summary>
public class NetworkTests
{
    private static readonly string[] Reaching = ["System.Net", "NuGet."];

    // These types, and what the compiler makes of their methods.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["LoraPS.Engine"] = ["TokenizerDownload", "TokenizerSource"],
        ["LoraPS.Cmdlets"] = [],
    };

    public static TheoryData<string> Assemblies => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Only_named_types_refer_to_the_network(string assembly)
    {
        using var module = Module(assembly);
        var found = module.GetTypes().Where(ReachesNetwork).Select(Outermost).Distinct().Order();

        Assert.Equal(Allowed[assembly].Order(), found);
    }

    [Fact]
    public void The_test_sees_a_reference_to_the_network()
    {
        using var module = ModuleDefinition.ReadModule(typeof(FeedServer).Assembly.Location);
        Assert.Contains(nameof(FeedServer), module.GetTypes().Where(ReachesNetwork).Select(Outermost));
    }

    [Fact]
    public void No_assembly_of_ours_starts_programs()
    {
        foreach (var assembly in Allowed.Keys.Append("LoraPS.Installer"))
        {
            using var module = Module(assembly);
            Assert.DoesNotContain(module.GetTypeReferences(), type => type.FullName == "System.Diagnostics.ProcessStartInfo");
        }
    }

    private static ModuleDefinition Module(string assembly)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var repository = AppContext.BaseDirectory[..AppContext.BaseDirectory.IndexOf($"{Path.DirectorySeparatorChar}tests{Path.DirectorySeparatorChar}", StringComparison.Ordinal)];
        return ModuleDefinition.ReadModule(Path.Combine(repository, "src", assembly, "bin", configuration, $"net{Environment.Version.Major}.0", $"{assembly}.dll"));
    }

    // WebUtility only writes and reads HTML's and addresses' escapes.
    private static bool ReachesNetwork(TypeDefinition type) => References(type).Any(reference =>
        Array.Exists(Reaching, start => reference.StartsWith(start, StringComparison.Ordinal)) && reference != "System.Net.WebUtility");

    private static string Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type.Name;

    private static IEnumerable<string> References(TypeDefinition type) =>
    [
        type.BaseType?.FullName ?? "",
        .. type.Fields.Select(field => field.FieldType.FullName),
        .. type.Properties.Select(property => property.PropertyType.FullName),
        .. type.Methods.SelectMany(method => References(method)),
    ];

    private static IEnumerable<string> References(MethodDefinition method)
    {
        yield return method.ReturnType.FullName;
        foreach (var parameter in method.Parameters)
            yield return parameter.ParameterType.FullName;
        if (!method.HasBody)
            yield break;
        foreach (var variable in method.Body.Variables)
            yield return variable.VariableType.FullName;
        foreach (var handler in method.Body.ExceptionHandlers)
            yield return handler.CatchType?.FullName ?? "";
        foreach (var operand in method.Body.Instructions.Select(instruction => instruction.Operand))
        {
            yield return operand switch
            {
                MethodReference called => called.DeclaringType.FullName,
                FieldReference used => used.FieldType.FullName,
                TypeReference named => named.FullName,
                _ => "",
            };
        }
    }
}
