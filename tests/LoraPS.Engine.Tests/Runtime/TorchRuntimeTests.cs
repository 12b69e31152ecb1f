using LoraPS.Engine.Runtime;
using TorchSharp;

namespace LoraPS.Engine.Tests.Runtime;

public class TorchRuntimeTests
{
    [Fact]
    public void Libtorch_loads_and_computes()
    {
        TorchRuntime.EnsureLoaded();
        Assert.True(TorchRuntime.IsLoaded);
        using var product = torch.ones(2, 3).matmul(torch.ones(3, 2));
        Assert.Equal(3f, product[0, 0].item<float>());
    }
}
