using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>The memory order in which the channels of a pixel lie side by side.</summary>
/// <remarks>
/// Shape, values and results are those of the usual order. Convolutions are fastest with it, norms and activations keep
/// it, and turning an image into a row of tokens and back costs nothing.
/// </remarks>
internal static class ChannelsLast
{
    /// <summary>The same tensor with its memory in this order; a copy only if it was in another.</summary>
    /// <param name="images">[B, C, H, W].</param>
    public static Tensor Arrange(Tensor images)
    {
        using var scope = NewDisposeScope();
        return images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>The pixels of an image as a row of tokens.</summary>
    /// <param name="images">[B, C, H, W].</param>
    /// <returns>[B, H·W, C].</returns>
    public static Tensor ToTokens(Tensor images)
    {
        using var scope = NewDisposeScope();
        return images.permute(0, 2, 3, 1).flatten(1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>A row of tokens as an image again.</summary>
    /// <param name="tokens">[B, H·W, C].</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <returns>[B, C, H, W].</returns>
    public static Tensor FromTokens(Tensor tokens, long height, long width)
    {
        using var scope = NewDisposeScope();
        return tokens.unflatten(1, height, width).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
