using LoraPS.Engine.Models;
using LoraPS.Engine.Naming;
using static TorchSharp.torch;

namespace LoraPS.ModelMaker;

/// <summary>One weight or bias of a model.</summary>
/// <param name="Part">The network it belongs to.</param>
/// <param name="Name">Its name there: "conv_in.weight".</param>
/// <param name="Shape">Sizes of its dimensions.</param>
/// <param name="Index">Its number in the whole model, which names its random sequence.</param>
public sealed record ModelParameter(ModelPart Part, string Name, IReadOnlyList<long> Shape, int Index)
{
    /// <summary>Number of values.</summary>
    public long Count => Shape.Aggregate(1L, (product, side) => product * side);

    /// <summary>All weights and biases of a model: by network, then by name.</summary>
    /// <param name="model">The model, which may be without values.</param>
    public static IEnumerable<(ModelParameter Parameter, Tensor Value)> Of(StableDiffusionModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        (ModelPart Part, nn.Module Module)[] networks = [(ModelPart.UNet, model.UNet), (ModelPart.Vae, model.Vae), (ModelPart.TextEncoder, model.TextEncoder)];
        return networks
            .SelectMany(network => network.Module.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal), (network, found) => (network.Part, found))
            .Select((entry, index) => (new ModelParameter(entry.Part, entry.found.name, entry.found.parameter.shape, index), (Tensor)entry.found.parameter));
    }
}
