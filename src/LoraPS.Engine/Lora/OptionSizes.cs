using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Lora;

/// <summary>Sizes as the options give them, for the whole network or block by block.</summary>
/// <remarks>
/// Follows get_block_dims_and_alphas in sd-scripts networks/lora.py@48d368fa. There, lists of alphas and of convolutions count
/// only beside a list of ranks or of learning rates; here each counts by itself.
/// </remarks>
internal sealed class OptionSizes : IModuleSizes
{
    private readonly LoraOptions _options;
    private readonly TrainingBlocks _layout;
    private readonly IReadOnlyList<double>? _rates;

    /// <summary>Checks the lists against the blocks there are.</summary>
    /// <param name="options">Ranks and alphas.</param>
    /// <param name="layout">The blocks.</param>
    /// <param name="events">Warned of lists of learning rates that have another length.</param>
    /// <exception cref="ArgumentException">A list has another length.</exception>
    public OptionSizes(LoraOptions options, TrainingBlocks layout, IProgress<EngineEvent>? events)
    {
        (_options, _layout) = (options, layout);
        _rates = options.BlockLearningRates?.Weights(layout, events);
        CheckLength(options.BlockRanks, nameof(options.BlockRanks));
        CheckLength(options.BlockAlphas, nameof(options.BlockAlphas));
        CheckLength(options.ConvBlockRanks, nameof(options.ConvBlockRanks));
        CheckLength(options.ConvBlockAlphas, nameof(options.ConvBlockAlphas));
    }

    /// <inheritdoc/>
    public bool ReachesResnets => _options.ConvRank is not null || _options.ConvBlockRanks is not null;

    /// <inheritdoc/>
    public ModuleSize? Of(ModelPart part, string name, ProjectionLayer layer)
    {
        var block = part == ModelPart.UNet ? _layout.IndexOf(name) : null;
        var size = layer is Conv2d { KernelSize: > 1 }
            ? new ModuleSize(At(_options.ConvBlockRanks, block) ?? _options.ConvRank ?? 0, At(_options.ConvBlockAlphas, block) ?? _options.ConvAlpha)
            : new ModuleSize(At(_options.BlockRanks, block) ?? _options.Rank, At(_options.BlockAlphas, block) ?? _options.Alpha);
        return size.Rank == 0 || At(_rates, block) == 0 ? null : size with { Alpha = Strength(size) };
    }

    /// <summary>The alpha a file tells: 0 stands for the rank, and a network that divides by √rank says so by a larger alpha.</summary>
    private double Strength(ModuleSize size) => (size.Alpha == 0 ? size.Rank : size.Alpha) * (_options.RankStabilized ? Math.Sqrt(size.Rank) : 1);

    private static T? At<T>(IReadOnlyList<T>? list, int? block)
        where T : struct => list is not null && block is { } index ? list[index] : null;

    private void CheckLength<T>(IReadOnlyList<T>? list, string option)
    {
        if (list is not null && list.Count != _layout.Count)
        {
            throw new ArgumentException(
                $"{option} has {list.Count} values, expected {_layout.Count}, one for each block of this model's U-Net: {_layout.SideBlocks} down, {_layout.MiddleBlocks} in the middle and {_layout.SideBlocks} up{(_layout.HasEnds ? ", between the embeddings and the output" : "")}.",
                option);
        }
    }
}
