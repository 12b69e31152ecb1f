using LoraPS.Engine.Runtime;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace LoraPS.Engine.Tests;

/// <summary>Keeps the engine away from the calls of TorchSharp that make a scalar and let go of it too early.</summary>
/// <remarks>Why: see <see cref="TensorArithmetic"/>, the one place that may touch scalars.</remarks>
public sealed class ScalarLifetimeTests : IDisposable
{
    private const string Scalar = "TorchSharp.Scalar";
    private readonly DefaultAssemblyResolver _resolver = new();
    private readonly Dictionary<string, bool> _makesScalar = [];

    public ScalarLifetimeTests() => _resolver.AddSearchDirectory(AppContext.BaseDirectory);

    [Fact]
    public void Only_TensorArithmetic_calls_what_makes_a_scalar()
    {
        using var engine = AssemblyDefinition.ReadAssembly(typeof(TensorArithmetic).Assembly.Location, new() { AssemblyResolver = _resolver });

        string[] calls = [.. engine.MainModule.GetTypes()
            .Where(type => type.Name != nameof(TensorArithmetic) && type.DeclaringType?.Name != nameof(TensorArithmetic))
            .SelectMany(type => type.Methods)
            .SelectMany(method => Calls(method).Where(IsTorchSharp).Where(MakesScalar).Select(call => $"{method.DeclaringType.Name}.{method.Name}: {call.FullName}"))
            .Distinct()
            .Order()];

        Assert.True(calls.Length == 0, string.Join('\n', calls));
    }

    [Fact]
    public void It_sees_the_sum_of_two_tensors() =>
        Assert.Contains(Calls(Here(nameof(SumOfTwo))).Where(IsTorchSharp), MakesScalar);

    [Fact]
    public void It_lets_the_product_of_two_tensors_pass() =>
        Assert.DoesNotContain(Calls(Here(nameof(ProductOfTwo))).Where(IsTorchSharp), MakesScalar);

    public void Dispose() => _resolver.Dispose();

    private static TorchSharp.torch.Tensor SumOfTwo(TorchSharp.torch.Tensor a, TorchSharp.torch.Tensor b) => a + b;

    private static TorchSharp.torch.Tensor ProductOfTwo(TorchSharp.torch.Tensor a, TorchSharp.torch.Tensor b) => a * b;

    private MethodDefinition Here(string name) =>
        AssemblyDefinition.ReadAssembly(typeof(ScalarLifetimeTests).Assembly.Location, new() { AssemblyResolver = _resolver })
            .MainModule.GetType(typeof(ScalarLifetimeTests).FullName).Methods.Single(method => method.Name == name);

    private bool MakesScalar(MethodReference reference)
    {
        if (_makesScalar.TryGetValue(reference.FullName, out var known))
            return known;
        _makesScalar[reference.FullName] = false;
        var makes = IsMaker(reference) || (reference.Resolve() is { } method && Calls(method).Where(IsTorchSharp).Any(MakesScalar));
        return _makesScalar[reference.FullName] = makes;
    }

    private static bool IsMaker(MethodReference method) =>
        method is { Name: "op_Implicit", DeclaringType.FullName: Scalar } or { Name: "ToScalar" }
        || (method.Name is ".ctor" && method.DeclaringType.FullName == Scalar);

    private static bool IsTorchSharp(MethodReference method) => method.DeclaringType.Scope.Name.StartsWith("TorchSharp", StringComparison.Ordinal);

    private static IEnumerable<MethodReference> Calls(MethodDefinition method) => method.HasBody
        ? method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>()
        : [];
}
