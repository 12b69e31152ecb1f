using LoraPS.Engine.Data;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Finds where the first numbers are that are not finite, once a loss or a gradient is not.</summary>
internal static class NonFiniteSource
{
    private const int Shown = 3;

    /// <summary>Looks at what a loss was computed from: the pictures' latents, their captions' states, the network, the model.</summary>
    /// <param name="items">The batch's pictures.</param>
    /// <param name="inputs">What was drawn for them.</param>
    /// <param name="states">The captions' states, [B, n, c].</param>
    /// <param name="parts">What computes.</param>
    /// <returns>Where, in words; null where all of it is finite, and the numbers were lost on the way.</returns>
    public static string? OfLoss(IReadOnlyList<BatchItem> items, DenoisingInputs inputs, Tensor states, TrainingParts parts) =>
        Pictures("the latents of", items, inputs.Latents)
        ?? Modules(parts.Network, adapter => adapter.Parameters.Select(parameter => parameter.Value))
        ?? parts.Text.FirstNonFiniteWeight()
        ?? Pictures("what the text encoder makes of the caption of", items, states)
        ?? parts.Trainer.FirstNonFiniteWeight();

    /// <summary>The network's modules whose gradients are not finite, in words; null where all are.</summary>
    public static string? OfGradients(LoraNetwork network) =>
        Modules(network, adapter => adapter.Parameters.Select(parameter => parameter.Value.grad).OfType<Tensor>());

    /// <summary>The first weight of a network that is not finite, in words.</summary>
    /// <param name="model">What to call the network.</param>
    /// <param name="network">The network.</param>
    public static string? OfWeights(string model, nn.Module network) =>
        network.named_parameters().FirstOrDefault(weight => !Finite.All(weight.parameter)) is { name: { } name }
            ? $"the weight {name} of the {model}"
            : null;

    private static string? Pictures(string what, IReadOnlyList<BatchItem> items, Tensor batch)
    {
        using var scope = NewDisposeScope();
        var broken = items.Where((_, i) => !Finite.All(batch[i])).Select(item => item.Entry.Path).Distinct().ToList();
        return broken.Count > 0 ? $"{what} {string.Join(", ", broken)}" : null;
    }

    private static string? Modules(LoraNetwork network, Func<NetworkAdapter, IEnumerable<Tensor>> numbers)
    {
        using var scope = NewDisposeScope();
        var broken = network.Adapters.Where(adapter => !numbers(adapter).All(Finite.All)).Select(adapter => adapter.Target.Name).ToList();
        return broken.Count > 0 ? $"{broken.Count} of {network.Adapters.Count} modules: {string.Join(", ", broken.Take(Shown))}{(broken.Count > Shown ? ", …" : "")}" : null;
    }
}
