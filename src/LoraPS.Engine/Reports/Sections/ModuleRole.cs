using System.Text.RegularExpressions;

namespace LoraPS.Engine.Reports.Sections;

/// <summary>Which kind of layer a module changes.</summary>
internal static partial class ModuleRole
{
    private const string Other = "other";

    // In the order of a transformer block; the first pattern that fits counts.
    private static readonly (string Name, Regex Pattern)[] Roles =
    [
        ("self q", SelfQuery()), ("self k", SelfKey()), ("self v", SelfValue()), ("self out", SelfOut()),
        ("cross q", CrossQuery()), ("cross k", CrossKey()), ("cross v", CrossValue()), ("cross out", CrossOut()),
        ("ff in", FeedForwardIn()), ("ff out", FeedForwardOut()), ("proj in", ProjectionIn()), ("proj out", ProjectionOut()), ("conv", Convolution()),
    ];

    /// <summary>All kinds, in the order they are shown.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Roles.Select(role => role.Name), Other];

    /// <summary>The kind of a module.</summary>
    /// <param name="moduleName">Name in sd-scripts form; text encoders' layers count as the U-Net's of the same use.</param>
    public static string Of(string moduleName) => Array.Find(Roles, role => role.Pattern.IsMatch(moduleName)).Name ?? Other;

    [GeneratedRegex("attn1_to_q$|_q_proj$")]
    private static partial Regex SelfQuery();

    [GeneratedRegex("attn1_to_k$|_k_proj$")]
    private static partial Regex SelfKey();

    [GeneratedRegex("attn1_to_v$|_v_proj$")]
    private static partial Regex SelfValue();

    [GeneratedRegex("attn1_to_out_0$|_out_proj$")]
    private static partial Regex SelfOut();

    [GeneratedRegex("attn2_to_q$")]
    private static partial Regex CrossQuery();

    [GeneratedRegex("attn2_to_k$")]
    private static partial Regex CrossKey();

    [GeneratedRegex("attn2_to_v$")]
    private static partial Regex CrossValue();

    [GeneratedRegex("attn2_to_out_0$")]
    private static partial Regex CrossOut();

    [GeneratedRegex("ff_net_0_proj$|_mlp_fc1$")]
    private static partial Regex FeedForwardIn();

    [GeneratedRegex("ff_net_2$|_mlp_fc2$")]
    private static partial Regex FeedForwardOut();

    [GeneratedRegex("proj_in$")]
    private static partial Regex ProjectionIn();

    [GeneratedRegex("proj_out$")]
    private static partial Regex ProjectionOut();

    [GeneratedRegex("conv|_in_layers_2$|_out_layers_3$|(input|output)_blocks_\\d+_\\d+_op$")]
    private static partial Regex Convolution();
}
