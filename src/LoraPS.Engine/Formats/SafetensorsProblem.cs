namespace LoraPS.Engine.Formats;

/// <summary>What can be wrong with a safetensors file. Names are part of the error ids: never rename one.</summary>
public enum SafetensorsProblem
{
    /// <summary>The file is shorter than the 8 bytes that hold the header's length.</summary>
    HeaderTooSmall,

    /// <summary>The header claims more than 100 MB; mostly the file is of another format.</summary>
    HeaderTooLarge,

    /// <summary>The header is longer than the file.</summary>
    HeaderLength,

    /// <summary>The header is not UTF-8.</summary>
    HeaderUtf8,

    /// <summary>The header is not JSON of the expected form.</summary>
    HeaderJson,

    /// <summary>A key occurs twice.</summary>
    DuplicateKey,

    /// <summary>The metadata is not a map from text to text.</summary>
    Metadata,

    /// <summary>An element type that is not known.</summary>
    DType,

    /// <summary>A dimension that is not a whole number from 0 up.</summary>
    Shape,

    /// <summary>Shape times element size is more than 2^63 - 1 bytes.</summary>
    ShapeOverflow,

    /// <summary>Offsets that are negative or run backwards.</summary>
    OffsetOutOfRange,

    /// <summary>Two tensors share bytes.</summary>
    OffsetOverlap,

    /// <summary>Bytes between two tensors belong to none.</summary>
    OffsetGap,

    /// <summary>A tensor's bytes are more or fewer than its shape and type need.</summary>
    TensorSize,

    /// <summary>The file ends before its last tensor: it is truncated.</summary>
    IncompleteBuffer,

    /// <summary>The file goes on after its last tensor.</summary>
    TrailingBytes,
}
