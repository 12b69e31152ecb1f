using System.Text.Encodings.Web;
using System.Text.Json;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;

namespace LoraPS.Engine.Training;

/// <summary>The settings of a network beyond rank and alpha, as the reference names them on its command line.</summary>
public static class NetworkArguments
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The settings that are not at their defaults, as JSON.</summary>
    /// <param name="options">Options of the run.</param>
    /// <returns>Null where all are.</returns>
    public static string? Of(TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var arguments = new OrderedDictionary<string, string>();
        foreach (var (name, value) in All(options))
        {
            if (value is not null)
                arguments.Add(name, value as string ?? PythonText.Of(value));
        }

        return arguments.Count == 0 ? null : JsonSerializer.Serialize(arguments, Json);
    }

    /// <summary>The reference's module for a kind of network.</summary>
    internal static string Module(NetworkKind kind) => kind switch
    {
        NetworkKind.Lora => "networks.lora",
        NetworkKind.LoraFa => "networks.lora_fa",
        NetworkKind.DyLora => "networks.dylora",
        _ => "lycoris.kohya",
    };

    private static IEnumerable<(string Name, object? Value)> All(TrainingOptions options)
    {
        var (network, rates, plus) = (options.Network, options.Network.BlockLearningRates, options.LoraPlus);
        return
        [
            ("algo", network.Kind switch { NetworkKind.Dora => "lora", NetworkKind.Loha => "loha", NetworkKind.Lokr => "lokr", _ => null }),
            ("dora_wd", network.Kind == NetworkKind.Dora ? true : null),
            ("factor", network.Kind == NetworkKind.Lokr ? network.Factor : null),
            ("rs_lora", network.RankStabilized ? true : null),
            ("unit", network.Kind == NetworkKind.DyLora ? network.Unit : null),
            ("dylora_all_ranks", network.DyLoraUsesAllRanks ? true : null),
            ("conv_dim", network.ConvRank),
            ("conv_alpha", network.ConvRank is null ? null : network.ConvAlpha),
            ("rank_dropout", Used(network.RankDropout)),
            ("module_dropout", Used(network.ModuleDropout)),
            ("block_dims", List(network.BlockRanks)),
            ("block_alphas", List(network.BlockAlphas)),
            ("conv_block_dims", List(network.ConvBlockRanks)),
            ("conv_block_alphas", List(network.ConvBlockAlphas)),
            ("down_lr_weight", rates?.Down),
            ("mid_lr_weight", rates?.Middle),
            ("up_lr_weight", rates?.Up),
            ("block_lr_zero_threshold", Used(rates?.ZeroThreshold ?? 0)),
            ("loraplus_lr_ratio", plus.Ratio),
            ("loraplus_unet_lr_ratio", plus.UNetRatio),
            ("loraplus_text_encoder_lr_ratio", plus.TextEncoderRatio),
        ];
    }

    private static double? Used(double number) => number == 0 ? null : number;

    private static string? List<T>(IReadOnlyList<T>? values) => values is null ? null : string.Join(',', values.Select(value => PythonText.Of(value)));
}
