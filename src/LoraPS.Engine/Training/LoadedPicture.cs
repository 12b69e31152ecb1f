using LoraPS.Engine.Data;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>A picture as it is read, to be handed to the thread that encodes it.</summary>
/// <param name="Pixels">[3, H, W], float32 in -1 to 1.</param>
/// <param name="Mask">How much each place counts, [H, W], or null where it has no mask.</param>
internal sealed record LoadedPicture(TensorCopy Pixels, TensorCopy? Mask)
{
    /// <summary>Reads a picture.</summary>
    /// <exception cref="ImageUnreadableException">The picture or its mask cannot be decoded.</exception>
    public static LoadedPicture Of(DatasetEntry entry, bool flipped, CropOffset crop)
    {
        using var scope = NewDisposeScope();
        return new(TensorCopy.Of(ImageTransform.Load(entry, flipped, crop)), TensorCopy.OfAny(ImageTransform.LoadMask(entry, flipped, crop)));
    }
}
