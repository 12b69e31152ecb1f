using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Models.Vae;

/// <summary>Outputs computed by diffusers 0.32.1 AutoencoderKL in float32 on the CPU.</summary>
public class AutoencoderKLTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Pictures_become_the_latents_of_the_reference(int @case)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Sd1();
        using var golden = GoldenTensors.Open("vae/vae_io.safetensors");
        using var latents = model.Vae.Encode(golden[$"{@case}.image"]);
        golden.AssertNear($"{@case}.mean", latents.Mean, Tolerance);
        golden.AssertNear($"{@case}.logvar", latents.LogVar, Tolerance, Tolerance);
        var scaled = latents.Sample(golden[$"{@case}.noise"]) * model.Vae.Config.ScalingFactor;
        golden.AssertNear($"{@case}.latent_sd", scaled, Tolerance);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Latents_become_the_pictures_of_the_reference(int @case)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Sd1();
        using var golden = GoldenTensors.Open("vae/vae_io.safetensors");
        golden.AssertNear($"{@case}.decoded", model.Vae.Decode(golden[$"{@case}.z"]), Tolerance, Tolerance);
    }

    [Fact]
    public void Encoding_and_decoding_leave_nothing_behind()
    {
        using var model = TinyModels.Sd1();
        using var picture = zeros(1, 3, 16, 16);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var latents = model.Vae.Encode(picture))
            model.Vae.Decode(latents.Mean).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
