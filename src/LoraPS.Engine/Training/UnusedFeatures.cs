namespace LoraPS.Engine.Training;

/// <summary>Metadata of features of sd-scripts that a training here does not use.</summary>
/// <remarks>User interfaces look these keys up, and "not used" is an answer to them.</remarks>
internal static class UnusedFeatures
{
    private static readonly (string Value, string[] Keys)[] Groups =
    [
        ("None",
        [
            "ss_vae_name", "ss_face_crop_aug_range", "ss_resize_interpolation",
        ]),
        ("False", ["ss_fp8_base", "ss_fp8_base_unet", "ss_lowram"]),
    ];

    /// <summary>The values by key.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Metadata { get; } =
        [.. Groups.SelectMany(group => group.Keys.Select(key => KeyValuePair.Create(key, group.Value)))];
}
