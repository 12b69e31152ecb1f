using System.Globalization;

namespace LoraPS.Engine.Naming;

/// <summary>The second text encoder's part of <see cref="LdmNames"/>: names after <c>conditioner.embedders.1.model.</c>, those of OpenCLIP.</summary>
/// <remarks>
/// Two kinds of tensors have no equal in a diffusers folder and keep the end of their name: <c>in_proj_weight</c> and
/// <c>in_proj_bias</c>, in which the query, key and value projections lie one below the other, and <c>text_projection</c>, which is
/// turned there. Agrees with sd-scripts 48d368fa, library/sdxl_model_util.py.
/// </remarks>
internal static class OpenClipNames
{
    /// <summary>End of the name of three weights in one.</summary>
    public const string JoinedWeight = ".self_attn.in_proj_weight";

    private const string Root = "text_model";

    /// <summary>What lies in such a weight, from the first row on, each a third.</summary>
    public static readonly string[] Joined = ["q_proj", "k_proj", "v_proj"];

    /// <summary>The diffusers name, or null.</summary>
    public static string? ToDiffusers(string name) => name.Split('.') switch
    {
        ["token_embedding", "weight"] => $"{Root}.embeddings.token_embedding.weight",
        ["positional_embedding"] => $"{Root}.embeddings.position_embedding.weight",
        ["ln_final", var leaf] => $"{Root}.final_layer_norm.{leaf}",
        ["text_projection"] => name,
        ["transformer", "resblocks", var layer, .. var inner] when int.TryParse(layer, NumberStyles.None, CultureInfo.InvariantCulture, out _) => Layer($"{Root}.encoder.layers.{layer}", inner),
        _ => null,
    };

    private static string? Layer(string path, string[] inner) => inner switch
    {
        ["ln_1", var leaf] => $"{path}.layer_norm1.{leaf}",
        ["ln_2", var leaf] => $"{path}.layer_norm2.{leaf}",
        ["mlp", "c_fc", var leaf] => $"{path}.mlp.fc1.{leaf}",
        ["mlp", "c_proj", var leaf] => $"{path}.mlp.fc2.{leaf}",
        ["attn", "out_proj", var leaf] => $"{path}.self_attn.out_proj.{leaf}",
        ["attn", "in_proj_weight" or "in_proj_bias"] => $"{path}.self_attn.{inner[1]}",
        _ => null,
    };
}
