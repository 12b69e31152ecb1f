using System.Management.Automation;
using LoraPS.Engine.Lora;

namespace LoraPS.Cmdlets.Common;

/// <content>What is trained.</content>
public abstract partial class TrainingCmdlet
{
    /// <summary>What kind of change each layer gets: Lora, or DyLora, whose first ranks work by themselves.</summary>
    [Parameter]
    [Alias("network_module", "NetworkModule")]
    [NetworkKindTransformation]
    public NetworkKind NetworkKind { get; set; } = Defaults.Network.Kind;

    /// <summary>Width of the bottleneck of linear layers and 1x1 convolutions.</summary>
    [Parameter]
    [Alias("network_dim", "NetworkDim", "Dim")]
    [ValidateRange(1, int.MaxValue)]
    public int Rank { get; set; } = Defaults.Network.Rank;

    /// <summary>Strength: the LoRA is scaled by alpha / rank. 0 means the same as the rank.</summary>
    [Parameter]
    [Alias("network_alpha", "NetworkAlpha")]
    [ValidateRange(0.0, double.MaxValue)]
    public double Alpha { get; set; } = Defaults.Network.Alpha;

    /// <summary>Width of the bottleneck of 3x3 convolutions; these are trained only if it is given.</summary>
    [Parameter]
    [Alias("conv_dim", "ConvDim")]
    [ValidateRange(1, int.MaxValue)]
    public int? ConvRank { get; set; }

    /// <summary>Strength of the 3x3 convolutions' part, as Alpha.</summary>
    [Parameter]
    [Alias("conv_alpha")]
    [ValidateRange(0.0, double.MaxValue)]
    public double ConvAlpha { get; set; } = Defaults.Network.ConvAlpha;

    /// <summary>Ranks block by block (25 numbers: 12 down, 1 in the middle, 12 up) in place of Rank; 0 leaves a block out.</summary>
    [Parameter]
    [Alias("block_dims", "BlockDims")]
    [ValidateNotNullOrEmpty]
    public int[]? BlockRank { get; set; }

    /// <summary>Alphas block by block in place of Alpha.</summary>
    [Parameter]
    [Alias("block_alphas", "BlockAlphas")]
    [ValidateNotNullOrEmpty]
    public double[]? BlockAlpha { get; set; }

    /// <summary>Ranks of 3x3 convolutions block by block in place of ConvRank; 0 leaves a block's convolutions out.</summary>
    [Parameter]
    [Alias("conv_block_dims", "ConvBlockDims")]
    [ValidateNotNullOrEmpty]
    public int[]? ConvBlockRank { get; set; }

    /// <summary>Alphas of 3x3 convolutions block by block in place of ConvAlpha.</summary>
    [Parameter]
    [Alias("conv_block_alphas", "ConvBlockAlphas")]
    [ValidateNotNullOrEmpty]
    public double[]? ConvBlockAlpha { get; set; }

    /// <summary>Ranks that are trained together in a DyLora network; divides every rank.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Unit { get; set; } = Defaults.Network.Unit;

    /// <summary>Use all ranks of a DyLora network in each step and teach the drawn unit alone, as sd-scripts does; what is cut from such a file does not work by itself.</summary>
    [Parameter]
    [Alias("dylora_all_ranks")]
    public SwitchParameter DyLoraUsesAllRanks { get; set; }

    /// <summary>Largest side of the small matrix in a Lokr network; -1 is as square as can be.</summary>
    [Parameter]
    [ValidateRange(-1, int.MaxValue)]
    public int Factor { get; set; } = Defaults.Network.Factor;

    /// <summary>Divide alpha by the root of the rank in place of the rank (rsLoRA), so that high ranks learn as fast as low ones.</summary>
    [Parameter]
    [Alias("rs_lora", "RsLora")]
    public SwitchParameter RankStabilized { get; set; }

    /// <summary>Chance that an element of the bottleneck is set to zero in a step.</summary>
    [Parameter]
    [Alias("network_dropout", "NetworkDropout")]
    [ValidateRange(0.0, 1.0)]
    public double Dropout { get; set; } = Defaults.Network.Dropout;

    /// <summary>Chance that a whole rank of a module is left out for one picture in a step.</summary>
    [Parameter]
    [Alias("rank_dropout")]
    [ValidateRange(0.0, 1.0)]
    public double RankDropout { get; set; } = Defaults.Network.RankDropout;

    /// <summary>Chance that a whole module is left out in a step.</summary>
    [Parameter]
    [Alias("module_dropout")]
    [ValidateRange(0.0, 1.0)]
    public double ModuleDropout { get; set; } = Defaults.Network.ModuleDropout;

    /// <summary>A LoRA file to go on from, in place of fresh weights.</summary>
    [Parameter]
    [Alias("network_weights", "NetworkWeights")]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? NetworkWeight { get; set; }

    /// <summary>Takes layers, ranks and alphas from the file of NetworkWeight.</summary>
    [Parameter]
    [Alias("dim_from_weights", "DimFromWeights")]
    public SwitchParameter RankFromWeight { get; set; }

    /// <summary>LoRA files to merge into the model before training.</summary>
    [Parameter]
    [Alias("base_weights", "BaseWeights")]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] BaseWeight { get; set; } = [];

    /// <summary>Strength of each BaseWeight, in their order; 1 where not given.</summary>
    [Parameter]
    [Alias("base_weights_multiplier", "BaseWeightsMultiplier")]
    [ValidateNotNullOrEmpty]
    public double[] BaseWeightMultiplier { get; set; } = [];

    /// <summary>Trains the U-Net and leaves the text encoder as it is.</summary>
    [Parameter]
    [Alias("network_train_unet_only", "NetworkTrainUnetOnly")]
    public SwitchParameter UNetOnly { get; set; }

    /// <summary>Trains the text encoder and leaves the U-Net as it is.</summary>
    [Parameter]
    [Alias("network_train_text_encoder_only", "NetworkTrainTextEncoderOnly")]
    public SwitchParameter TextEncoderOnly { get; set; }

    private LoraOptions MakeNetworkOptions(LoraOptions file) => file with
    {
        Kind = Given(NetworkKind, file.Kind),
        Unit = Given(Unit, file.Unit),
        DyLoraUsesAllRanks = Given(DyLoraUsesAllRanks, file.DyLoraUsesAllRanks),
        Factor = Given(Factor, file.Factor),
        RankStabilized = Given(RankStabilized, file.RankStabilized),
        Rank = Given(Rank, file.Rank),
        Alpha = Given(Alpha, file.Alpha),
        ConvRank = Given(ConvRank, file.ConvRank),
        ConvAlpha = Given(ConvAlpha, file.ConvAlpha),
        BlockRanks = Given(BlockRank, file.BlockRanks),
        BlockAlphas = Given(BlockAlpha, file.BlockAlphas),
        ConvBlockRanks = Given(ConvBlockRank, file.ConvBlockRanks),
        ConvBlockAlphas = Given(ConvBlockAlpha, file.ConvBlockAlphas),
        BlockLearningRates = MakeBlockLearningRates(file.BlockLearningRates),
        Dropout = Given(Dropout, file.Dropout),
        RankDropout = Given(RankDropout, file.RankDropout),
        ModuleDropout = Given(ModuleDropout, file.ModuleDropout),
        WeightsPath = GivenPath(NetworkWeight, file.WeightsPath),
        RanksFromWeights = Given(RankFromWeight, file.RanksFromWeights),
        TrainUNet = !Given(TextEncoderOnly, !file.TrainUNet),
        TrainTextEncoder = !Given(UNetOnly, !file.TrainTextEncoder),
    };

    private IReadOnlyList<BaseWeights> MakeBaseWeights(IReadOnlyList<BaseWeights> file)
    {
        var paths = IsGiven(nameof(BaseWeight)) ? BaseWeight.Select(ResolveLiteralPath) : file.Select(weights => weights.Path);
        var multipliers = IsGiven(nameof(BaseWeight)) || IsGiven(nameof(BaseWeightMultiplier)) ? BaseWeightMultiplier : [.. file.Select(weights => weights.Multiplier)];
        return [.. paths.Select((path, i) => new BaseWeights(path, i < multipliers.Length ? multipliers[i] : 1))];
    }
}
