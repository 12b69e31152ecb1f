using System.Text.Json.Serialization;

namespace LoraPS.Engine.Data;

/// <summary>One folder of pictures and how they are used.</summary>
/// <remarks>The reference's option names are in brackets.</remarks>
public sealed record SubsetOptions
{
    /// <summary>The folder (<c>image_dir</c>). Pictures lie directly inside; folders below are not looked into.</summary>
    public string ImageDirectory { get; init; } = "";

    /// <summary>How often each picture is seen in an epoch (<c>num_repeats</c>).</summary>
    /// <value>Times; default 1; the subset is left out when below 1.</value>
    public int Repeats { get; init; } = 1;

    /// <summary>True for regularisation pictures: they are repeated until they are as many as the others (<c>is_reg</c>).</summary>
    /// <value>Default false.</value>
    public bool IsRegularization { get; init; }

    /// <summary>Caption of pictures that have no caption file (<c>class_tokens</c>).</summary>
    /// <value>Default null: none.</value>
    public string? ClassTokens { get; init; }

    /// <summary>Ending of caption files (<c>caption_extension</c>).</summary>
    /// <value>Default ".caption"; a missing dot is added.</value>
    public string CaptionExtension { get; init; } = ".caption";

    /// <summary>What happens to the captions.</summary>
    public CaptionOptions Caption { get; init; } = new();

    /// <summary>Mirrors each drawn picture with probability one half (<c>flip_aug</c>).</summary>
    /// <value>Default false.</value>
    public bool FlipAugmentation { get; init; }

    /// <summary>Crops at a random place instead of the middle (<c>random_crop</c>). Latents cannot be cached then.</summary>
    /// <value>Default false.</value>
    public bool RandomCrop { get; init; }

    /// <summary>Where a picture is transparent it counts less in the loss, and not at all where it is wholly so (<c>alpha_mask</c>).</summary>
    /// <value>Default false: transparency is not looked at.</value>
    public bool AlphaMask { get; init; }

    /// <summary>Folder of masks: pictures of the same names, black where theirs do not count (<c>conditioning_data_dir</c>). Goes before <see cref="AlphaMask"/>.</summary>
    /// <value>Default null: none.</value>
    public string? MaskDirectory { get; init; }

    /// <summary>Whether pictures, captions and masks may be links that lead out of their folder. A folder from elsewhere may hold links to any file of this machine.</summary>
    /// <value>Default false.</value>
    /// <remarks>No part of the data's fingerprint, which names what was read.</remarks>
    [JsonIgnore]
    public bool FollowLinks { get; init; }

    /// <summary>How pictures are resized (<c>resize_interpolation</c>).</summary>
    /// <value>Default null: as the data set says.</value>
    public ResizeInterpolation? Interpolation { get; init; }
}
