using System.Reflection;
using System.Runtime.Loader;
using LoraPS.Engine.Runtime;
using TorchSharp;

namespace LoraPS.Engine.Tests.Runtime;

public class TorchRuntimeTests
{
    private const string Variable = "LORAPS_LIBTORCH";

    [Fact]
    public void Libtorch_loads_and_computes()
    {
        TorchRuntime.EnsureLoaded();
        Assert.True(TorchRuntime.IsLoaded);
        using var product = torch.ones(2, 3).matmul(torch.ones(3, 2));
        Assert.Equal(3f, product[0, 0].item<float>());
    }

    [Fact]
    public void The_folder_that_LORAPS_LIBTORCH_names_goes_before_all_others()
    {
        using var folder = new TemporaryFolder();
        var bridge = Directory.GetFiles(TorchRuntime.EnsureLoaded(), "*LibTorchSharp.*").Select(Path.GetFileName).First()!;
        File.WriteAllText(folder.File(bridge), "no library");
        // A second copy of the engine: that of the test run has libtorch loaded already.
        var context = new AssemblyLoadContext("another libtorch", isCollectible: true);
        context.Resolving += (c, name) => c.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, name.Name + ".dll"));
        var runtime = context.LoadFromAssemblyPath(typeof(TorchRuntime).Assembly.Location).GetType(typeof(TorchRuntime).FullName!)!;
        Environment.SetEnvironmentVariable(Variable, folder.File("."));
        try
        {
            var error = Assert.Throws<TargetInvocationException>(() => runtime.GetMethod(nameof(TorchRuntime.EnsureLoaded))!.Invoke(null, null)).InnerException!;
            Assert.Equal(nameof(TorchUnavailableException), error.GetType().Name);
            Assert.Contains($"libtorch in {folder.File(".")} does not load", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }
}
