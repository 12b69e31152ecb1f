using System.Globalization;
using System.Text.Json;
using LoraPS.Engine.Inspection;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Tests.Merging;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Inspection;

public sealed class LoraMeasureTests : IDisposable
{
    private const string Module = "lora_unet_mid_block_attentions_0_proj_in";

    private readonly FuseCase _case = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    // Printed by sd-scripts 48d368fa, networks/check_lora_weights.py: key, (shape), mean and least magnitude.
    [Theory]
    [InlineData("A")]
    [InlineData("B")]
    [InlineData("C")]
    [InlineData("N")]
    public void Magnitudes_equal_those_sd_scripts_prints(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("merge/check_lora_weights.json")));
        var lines = document.RootElement.GetProperty(name).EnumerateArray().Select(line => line.GetString()!.Split(',')).Where(parts => parts.Length == 4).ToList();
        var factors = LoraMeasure.Measure(TestFiles.Fixture($"merge/{name}.safetensors")).Modules.SelectMany(module => new[] { module.Down, module.Up }).ToDictionary(factor => factor.Key);
        Assert.Equal(lines.Select(line => line[0]).Order(), factors.Keys.Order());
        foreach (var line in lines)
        {
            var factor = factors[line[0]];
            Assert.Equal(line[1], $"({string.Join('-', factor.Shape)})");
            var mean = double.Parse(line[2], CultureInfo.InvariantCulture);
            Assert.Equal(mean, factor.MeanMagnitude, 1e-3 * mean);
            Assert.Equal(double.Parse(line[3], CultureInfo.InvariantCulture), factor.LeastMagnitude, 1e-6);
        }
    }

    [Fact]
    public void Norms_and_singular_values_are_those_of_the_weight_difference()
    {
        var path = TestFiles.Fixture("merge/C.safetensors");
        var deltas = LoraDeltas.Of(path);
        foreach (var module in LoraMeasure.Measure(path).Modules)
        {
            var expected = linalg.svdvals(deltas[module.Name].to(float64)).data<double>().ToArray();
            Assert.All(module.SingularValues.Index(), value => Assert.Equal(expected[value.Index], value.Item, 1e-5 * expected[0]));
            Assert.Equal(deltas[module.Name].norm().item<float>(), module.Norm, 1e-5 * module.Norm);
            Assert.InRange(module.EffectiveRank, 1, module.Rank + 1e-9);
            Assert.InRange(module.StableRank, 1, module.EffectiveRank + 1e-9);
        }
    }

    [Fact]
    public void A_spectrum_of_equal_values_uses_all_its_directions_and_alpha_scales_it()
    {
        var path = _case.WriteLora("flat.safetensors", Module, eye(4, 16), eye(16, 4), tensor(8f));
        var module = Assert.Single(LoraMeasure.Measure(path).Modules);
        Assert.Equal((4, 8.0, 4.0, 4.0, 4.0, 2.0), (module.Rank, module.Alpha, Math.Round(module.Norm, 9), Math.Round(module.EffectiveRank, 9), Math.Round(module.StableRank, 9), Math.Round(module.SpectralNorm, 9)));
    }

    [Fact]
    public void Dead_modules_are_named_and_have_no_rank()
    {
        var path = _case.Write(
            "dead.safetensors", (Module + ".lora_down.weight", eye(2, 8)), (Module + ".lora_up.weight", zeros(8, 2)),
            ("lora_te_x.lora_down.weight", eye(2, 8)), ("lora_te_x.lora_up.weight", eye(8, 2)));
        var measured = LoraMeasure.Measure(path);
        Assert.Equal([Module], measured.DeadModules);
        Assert.Equal((0.0, 0.0), (measured.Modules.Single(m => m.IsDead).EffectiveRank, measured.Modules.Single(m => m.IsDead).StableRank));
    }

    [Fact]
    public void Blocks_share_the_whole()
    {
        var measured = LoraMeasure.Measure(FuseCase.C3Lier);
        Assert.Equal(measured.Blocks.Select(block => block.Block).Order(), measured.Blocks.Select(block => block.Block));
        Assert.Equal(measured.Modules.Count, measured.Blocks.Sum(block => block.ModuleCount));
        Assert.Equal(1, measured.Blocks.Sum(block => block.Share), 1e-12);
        Assert.Equal(measured.Norm * measured.Norm, measured.Blocks.Sum(block => block.Norm * block.Norm), 1e-9);
        var mid = measured.Modules.Where(module => module.Name.Contains("mid_block", StringComparison.Ordinal)).ToList();
        var block = measured.Blocks.Single(b => b.Block == UNetBlock.MID);
        Assert.Equal((mid.Count, mid.Average(module => module.Norm)), (block.ModuleCount, block.MeanNorm));
    }

    public void Dispose()
    {
        _scope.Dispose();
        _case.Dispose();
    }
}
