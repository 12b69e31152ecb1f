using System.Runtime.InteropServices;
using LoraPS.Engine.Runtime;
using TorchSharp;

namespace LoraPS.Engine.Tests.Runtime;

public class ComputeDeviceTests
{
    [Theory]
    [InlineData("cpu")]
    [InlineData("CPU")]
    public void The_CPU_is_always_there(string name) => Assert.Equal(DeviceType.CPU, ComputeDevice.Resolve(name).type);

    [Fact]
    public void Auto_takes_the_CPU_where_libtorch_knows_no_other()
    {
        var appleSilicon = OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        Assert.Equal(appleSilicon ? DeviceType.MPS : DeviceType.CPU, ComputeDevice.Resolve("auto").type);
    }

    [Theory]
    [InlineData("cuda")]
    [InlineData("cuda:3")]
    public void A_device_that_is_not_there_is_told_with_what_to_do(string name)
    {
        var error = Assert.Throws<DeviceUnavailableException>(() => ComputeDevice.Resolve(name));
        Assert.Equal(("DeviceUnavailable", (object)name), (error.ErrorId, error.Target));
        Assert.Contains("LORAPS_LIBTORCH", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:x")]
    [InlineData("cuda:-1")]
    public void A_name_that_is_none_is_refused(string name)
    {
        var error = Assert.Throws<ArgumentException>(() => ComputeDevice.Resolve(name));
        Assert.Contains("auto, cpu, cuda, mps", error.Message, StringComparison.Ordinal);
    }
}
