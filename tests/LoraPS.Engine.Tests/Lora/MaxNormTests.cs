using System.Text.Json;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Tests.Models;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Lora;

public class MaxNormTests
{
    [Theory]
    [InlineData("lierla")]
    [InlineData("c3lier")]
    [InlineData("blocks")]
    public void Counts_norms_and_factors_equal_the_reference(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Sd1();
        using var json = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("lora/training.json")));
        foreach (var expected in json.RootElement.GetProperty(name).GetProperty("max_norm").EnumerateArray())
        {
            using var network = LoraNetwork.Create(model.UNet, model.TextEncoder, TinyNetworks.Options(name), seed: 1);
            using var file = SafetensorsFile.Open(TestFiles.Fixture($"lora/{name}_init.safetensors"));
            network.Load(file);
            var norms = MaxNorm.Apply(network.Adapters, expected.GetProperty("max_norm_value").GetDouble());
            Assert.Equal(expected.GetProperty("keys_scaled").GetInt32(), norms.KeysScaled);
            Assert.Equal(expected.GetProperty("mean_norm").GetDouble(), norms.MeanNorm, 1e-6);
            Assert.Equal(expected.GetProperty("maximum_norm").GetDouble(), norms.LargestNorm, 1e-6);

            var parameters = network.Parameters().ToDictionary(parameter => parameter.Name, parameter => parameter.Value.detach());
            foreach (var scaled in expected.GetProperty("scaled_by").EnumerateObject())
            {
                foreach (var key in new[] { scaled.Name, scaled.Name.Replace("lora_up", "lora_down", StringComparison.Ordinal) })
                {
                    var change = (parameters[key] - (file.Read(key).to(float32) * scaled.Value.GetDouble())).abs().max().item<float>();
                    Assert.True(change < 1e-6, $"{key}: {change:g4}");
                }
            }
        }
    }

    [Fact]
    public void The_norm_without_the_product_is_the_norm_of_the_product()
    {
        using var scope = NewDisposeScope();
        var (up, down) = (randn(24, 3, 1, 1), randn(3, 5, 3, 3));
        Assert.Equal(LoraMath.Delta(up, down, -0.7, [24, 5, 3, 3]).square().sum().sqrt().item<float>(), LoraMath.DeltaNorm(up, down, -0.7), 1e-4);
    }
}
