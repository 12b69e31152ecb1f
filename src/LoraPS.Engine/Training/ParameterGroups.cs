using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Training.Optimizers;

namespace LoraPS.Engine.Training;

/// <summary>Gives each parameter of a network its learning rate.</summary>
/// <remarks>
/// Follows prepare_optimizer_params in sd-scripts networks/lora.py@48d368fa: the text encoder, then the U-Net, whole or block by
/// block in the order of its modules; with LoRA+ each group is followed by a second one of the factors that lead to the output. A
/// group whose learning rate is 0 is left out: it takes part in the prediction and is saved, but does not learn. (There its
/// gradients are computed all the same, add up over the whole run, and count in the norm to which gradients are shortened; here
/// they are not computed.)
/// </remarks>
public static class ParameterGroups
{
    /// <summary>Makes the groups.</summary>
    /// <param name="network">The network.</param>
    /// <param name="options">Learning rates.</param>
    public static IReadOnlyList<ParameterGroup> Of(LoraNetwork network, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        var rates = options.Network.BlockLearningRates?.Weights(network.Layout);
        return
        [
            .. network.Adapters.GroupBy(adapter => (adapter.Target.Part, Block: rates is null ? null : adapter.Target.Block))
                .OrderBy(part => part.Key.Part == ModelPart.UNet)
                .SelectMany(part => Of(part, Describe(part.Key), Rate(part.Key, options, rates), options.LoraPlus.Of(part.Key.Part == ModelPart.UNet)))
                .Where(group => group.LearningRate > 0 && group.Parameters.Count > 0),
        ];
    }

    private static string Describe((ModelPart Part, int? Block) key) =>
        key.Part != ModelPart.UNet ? "textencoder" : key.Block is { } block ? $"unet_block{block}" : "unet";

    private static double Rate((ModelPart Part, int? Block) key, TrainingOptions options, IReadOnlyList<double>? rates) =>
        key.Part != ModelPart.UNet ? options.EffectiveTextEncoderLearningRate
        : options.EffectiveUNetLearningRate * (key.Block is { } block ? rates![block] : 1);

    private static IEnumerable<ParameterGroup> Of(IEnumerable<NetworkAdapter> adapters, string description, double rate, double? ratio)
    {
        var halves = adapters.SelectMany(adapter => adapter.Parameters).ToLookup(parameter => ratio is not null && parameter.IsUp);
        yield return Group(halves[false], description, rate);
        yield return Group(halves[true], description + " plus", rate * (ratio ?? 0));
    }

    private static ParameterGroup Group(IEnumerable<AdapterParameter> parameters, string description, double rate) =>
        new(description, rate, [.. parameters.Select(parameter => new TrainedParameter(parameter.Name, parameter.Value, rate))]);
}
