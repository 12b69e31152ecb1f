using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Layers;
using LoraPS.ModelMaker;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.ToyModel.Learning;

/// <summary>The networks before and after training.</summary>
internal static class ToyNetworks
{
    // What a residual part adds begins at nothing, so that a deep network begins as a shallow one.
    private static readonly string[] Silent = ["conv2", "proj_out", "to_out.0", "ff.net.2", "out_proj", "fc2"];

    /// <summary>The model with random weights.</summary>
    public static StableDiffusionModel Fresh(StableDiffusionConfig config, int seed)
    {
        var model = new RandomWeights(config, seed).MakeModel();
        using var noGradient = no_grad();
        foreach (var (name, weight) in Weights(model.UNet).Concat(Weights(model.Vae)).Concat(Weights(model.TextEncoder)))
        {
            if (Silent.Any(end => name.EndsWith($".{end}.weight", StringComparison.Ordinal)))
                weight.MultiplyInPlace(0.1);
        }

        Weights(model.UNet).Single(weight => weight.Name == "conv_out.weight").Value.MultiplyInPlace(0);
        return model;
    }

    /// <summary>A network's weights and biases.</summary>
    public static IEnumerable<(string Name, Tensor Value)> Weights(nn.Module network) =>
        network.named_parameters().Select(found => (found.name, (Tensor)found.parameter));
}
