using System.Globalization;
using System.Text.Json;
using LoraPS.Engine.Data.Configuration;
using LoraPS.Engine.Lora;

namespace LoraPS.Engine.Training.Configuration;

/// <summary>Reads <c>network_args</c> of sd-scripts, each <c>name=value</c>, as <see cref="NetworkArguments"/> writes them.</summary>
internal static class NetworkArgumentReader
{
    private static readonly Dictionary<string, Func<TrainingOptions, string, TrainingOptions>> Known = new()
    {
        ["algo"] = (o, v) => Network(o, n => n with { Kind = Algorithm(v, n.Kind) }),
        ["dora_wd"] = (o, v) => Network(o, n => IsTrue(v) ? n with { Kind = NetworkKind.Dora } : n),
        ["factor"] = (o, v) => Network(o, n => n with { Factor = Whole(v) }),
        ["rs_lora"] = (o, v) => Network(o, n => n with { RankStabilized = IsTrue(v) }),
        ["dylora_all_ranks"] = (o, v) => Network(o, n => n with { DyLoraUsesAllRanks = IsTrue(v) }),
        ["unit"] = (o, v) => Network(o, n => n with { Unit = Whole(v) }),
        ["conv_dim"] = (o, v) => Network(o, n => n with { ConvRank = Whole(v) }),
        ["conv_alpha"] = (o, v) => Network(o, n => n with { ConvAlpha = Number(v) }),
        ["dropout"] = (o, v) => Network(o, n => n with { Dropout = Number(v) }),
        ["rank_dropout"] = (o, v) => Network(o, n => n with { RankDropout = Number(v) }),
        ["module_dropout"] = (o, v) => Network(o, n => n with { ModuleDropout = Number(v) }),
        ["block_dims"] = (o, v) => Network(o, n => n with { BlockRanks = List(v, Whole) }),
        ["block_alphas"] = (o, v) => Network(o, n => n with { BlockAlphas = List(v, Number) }),
        ["conv_block_dims"] = (o, v) => Network(o, n => n with { ConvBlockRanks = List(v, Whole) }),
        ["conv_block_alphas"] = (o, v) => Network(o, n => n with { ConvBlockAlphas = List(v, Number) }),
        ["down_lr_weight"] = (o, v) => Rates(o, r => r with { Down = v }),
        ["mid_lr_weight"] = (o, v) => Rates(o, r => r with { Middle = v }),
        ["up_lr_weight"] = (o, v) => Rates(o, r => r with { Up = v }),
        ["block_lr_zero_threshold"] = (o, v) => Rates(o, r => r with { ZeroThreshold = Number(v) }),
        ["loraplus_lr_ratio"] = (o, v) => o with { LoraPlus = o.LoraPlus with { Ratio = Number(v) } },
        ["loraplus_unet_lr_ratio"] = (o, v) => o with { LoraPlus = o.LoraPlus with { UNetRatio = Number(v) } },
        ["loraplus_text_encoder_lr_ratio"] = (o, v) => o with { LoraPlus = o.LoraPlus with { TextEncoderRatio = Number(v) } },
    };

    /// <summary>Modules of networks; the arguments tell the kinds of LyCORIS apart.</summary>
    public static ConfigType<NetworkKind> Modules { get; } = ArgumentTypes.OneOf(
        ("networks.lora", NetworkKind.Lora), ("networks.lora_fa", NetworkKind.LoraFa), ("networks.dylora", NetworkKind.DyLora), ("lycoris.kohya", NetworkKind.Lora));

    /// <summary>Puts arguments into options.</summary>
    /// <exception cref="ArgumentException">One is not known, or its value is none.</exception>
    public static TrainingOptions Apply(TrainingOptions options, IReadOnlyList<string> arguments)
    {
        foreach (var argument in arguments)
        {
            if (argument.Split('=', 2, StringSplitOptions.TrimEntries) is not [var name, var value])
                throw new ArgumentException($"network_args has '{argument}'; it must be name=value, such as conv_dim=8.");
            if (!Known.TryGetValue(name, out var set))
                throw new ArgumentException(NearestName.Of(name, Known.Keys) is { } near
                    ? $"network_args has '{name}', which is not known. Did you mean '{near}'?" : $"network_args has '{name}', which is not known. Remove it.");
            options = set(options, value.Trim('"', '\''));
        }

        return options;
    }

    /// <summary>The arguments that say what options say.</summary>
    public static object? Texts(TrainingOptions options) => NetworkArguments.Of(options) is { } json
        ? JsonSerializer.Deserialize<Dictionary<string, string>>(json)!.Select(pair => $"{pair.Key}={pair.Value}").ToList()
        : null;

    private static TrainingOptions Network(TrainingOptions options, Func<LoraOptions, LoraOptions> set) => options with { Network = set(options.Network) };

    private static TrainingOptions Rates(TrainingOptions options, Func<BlockLearningRates, BlockLearningRates> set) =>
        Network(options, network => network with { BlockLearningRates = set(network.BlockLearningRates ?? new()) });

    private static NetworkKind Algorithm(string value, NetworkKind now) => value switch
    {
        "lora" or "locon" => now == NetworkKind.Dora ? now : NetworkKind.Lora,
        "loha" => NetworkKind.Loha,
        "lokr" => NetworkKind.Lokr,
        _ => throw new ArgumentException($"network_args has algo={value}; there are lora, loha and lokr."),
    };

    private static bool IsTrue(string value) => value switch
    {
        "True" or "true" or "1" => true,
        "False" or "false" or "0" => false,
        _ => throw new ArgumentException($"'{value}' in network_args must be True or False."),
    };

    private static int Whole(string value) => int.TryParse(value, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ArgumentException($"'{value}' in network_args must be a whole number.");

    private static double Number(string value) => double.TryParse(value, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ArgumentException($"'{value}' in network_args must be a number.");

    private static List<T> List<T>(string value, Func<string, T> read) => [.. value.Split(',', StringSplitOptions.TrimEntries).Select(read)];
}
