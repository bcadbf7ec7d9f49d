//! Encryption at rest: AES-256-GCM with a nonce of its own for each blob, bound to the blob's path.
//!
//! What is encrypted begins with a header: a magic, the version of this layout, which key it was and the nonce. The
//! path goes into the seal, so that nobody who writes to the store can put the bytes of one file in the place of
//! another's.

use bytes::Bytes;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest as _, Sha256};

use crate::blobs::error::BlobError;
use crate::config::{Secret, Storage};
use crate::domain::hash::{hex, sha256};

/// How encrypted bytes begin: no text begins so, and no format that is read.
const MAGIC: &[u8; 8] = b"\xD3ro-blob";
/// Version of the layout.
const VERSION: u8 = 1;
/// Bytes that say which key it was.
const ID_LEN: usize = 8;
/// Bytes before those that are encrypted.
const HEADER: usize = MAGIC.len() + 1 + ID_LEN + NONCE_LEN;

/// The keys in force; either may be missing.
#[derive(Debug)]
pub(in crate::blobs) struct Keys {
    current: Option<Key>,
    previous: Option<Key>,
}

#[derive(Debug)]
struct Key {
    id: [u8; ID_LEN],
    key: LessSafeKey,
}

/// What a header says.
struct Header {
    version: u8,
    key: [u8; ID_LEN],
    nonce: [u8; NONCE_LEN],
}

impl Keys {
    /// # Errors
    /// When a key is none; the configuration refuses such.
    pub(in crate::blobs) fn new(storage: &Storage) -> Result<Self, BlobError> {
        let key = |name, secret: &Secret| match secret.is_empty() {
            true => Ok(None),
            false => Key::new(secret).map(Some).ok_or_else(|| {
                BlobError::Setup(format!("{name} is not 32 bytes as 64 hexadecimal digits; set it to such"))
            }),
        };
        Ok(Self {
            current: key("storage.encryption_key", &storage.encryption_key)?,
            previous: key("storage.previous_encryption_key", &storage.previous_encryption_key)?,
        })
    }

    /// The bytes as they are to be kept at this path: encrypted, where there is a key.
    ///
    /// # Errors
    /// When there are more bytes than the algorithm takes, which are more than any file may have.
    pub(in crate::blobs) fn seal(&self, path: &str, plain: Bytes) -> Result<Bytes, BlobError> {
        let Some(key) = &self.current else {
            return Ok(plain);
        };
        // By chance: nobody else knows which nonces the other processes used. That two of a thousand million are the same
        // is one chance in a hundred thousand million.
        let nonce: [u8; NONCE_LEN] = rand::random();
        let header = [MAGIC.as_slice(), &[VERSION], &key.id, &nonce].concat();
        let mut sealed = Vec::with_capacity(HEADER + plain.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&header);
        sealed.extend_from_slice(&plain);
        let too_long = || BlobError::Setup("there are more bytes than can be encrypted at once".to_owned());
        let (_, body) = sealed.split_at_mut_checked(HEADER).ok_or_else(too_long)?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let bound = Aad::from(bound(VERSION, &key.id, path));
        let tag = key.key.seal_in_place_separate_tag(nonce, bound, body).map_err(|_| too_long())?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed.into())
    }

    /// The bytes as they came, of which `sha256` has to be the hash, from what is kept at this path.
    ///
    /// # Errors
    /// [`BlobError::Damaged`], [`BlobError::Locked`] or [`BlobError::Newer`].
    pub(in crate::blobs) fn open(&self, path: &str, sha256: &str, kept: Bytes) -> Result<Bytes, BlobError> {
        let Some(header) = Header::parse(&kept) else {
            return checked(kept, sha256).ok_or(BlobError::Damaged);
        };
        let key = [&self.current, &self.previous].into_iter().flatten().find(|key| key.id == header.key);
        let opened = match key {
            _ if header.version != VERSION => Err(BlobError::Newer),
            Some(key) => key
                .open(path, &header, &kept)
                .and_then(|plain| checked(plain, sha256))
                .ok_or(BlobError::Damaged),
            None => Err(BlobError::Locked { key: hex(&header.key) }),
        };
        // Somebody may have uploaded what only looks encrypted: its name tells.
        opened.or_else(|error| checked(kept, sha256).ok_or(error))
    }
}

impl Key {
    fn new(secret: &Secret) -> Option<Self> {
        let digits = secret.expose().as_bytes().chunks(2);
        let bytes: Option<Vec<u8>> =
            digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
        let bytes = bytes?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &bytes).ok()?);
        let id = Sha256::digest(&bytes).first_chunk().copied()?;
        Some(Self { id, key })
    }

    fn open(&self, path: &str, header: &Header, kept: &Bytes) -> Option<Bytes> {
        let mut body = kept.get(HEADER..)?.to_vec();
        let bound = Aad::from(bound(header.version, &header.key, path));
        let nonce = Nonce::assume_unique_for_key(header.nonce);
        let plain = self.key.open_in_place(nonce, bound, &mut body).ok()?.len();
        body.truncate(plain);
        Some(body.into())
    }
}

impl Header {
    fn parse(kept: &[u8]) -> Option<Self> {
        let (version, rest) = kept.strip_prefix(MAGIC.as_slice())?.split_first()?;
        let (key, rest) = rest.split_first_chunk()?;
        Some(Self { version: *version, key: *key, nonce: *rest.first_chunk()? })
    }
}

/// What goes into the seal beside the bytes.
fn bound(version: u8, key: &[u8; ID_LEN], path: &str) -> Vec<u8> {
    [MAGIC.as_slice(), &[version], key, path.as_bytes()].concat()
}

fn checked(plain: Bytes, hash: &str) -> Option<Bytes> {
    (sha256(&plain) == hash).then_some(plain)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use bytes::Bytes;

    use crate::blobs::BlobError;
    use crate::blobs::crypt::{HEADER, Keys, MAGIC};
    use crate::config::{Config, Secret};
    use crate::domain::hash::sha256;

    const PLAIN: &[u8] = b"resume of Mira Holm";

    fn keys(current: &str, previous: &str) -> Keys {
        let mut storage = Config::defaults().unwrap().storage;
        storage.encryption_key = Secret::new(current.repeat(64));
        storage.previous_encryption_key = Secret::new(previous.repeat(64));
        Keys::new(&storage).unwrap()
    }

    fn seal(keys: &Keys) -> Bytes {
        keys.seal("a/path", Bytes::from_static(PLAIN)).unwrap()
    }

    fn open(keys: &Keys, path: &str, kept: Bytes) -> Result<Bytes, BlobError> {
        keys.open(path, &sha256(PLAIN), kept)
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_alone() {
        let sealed = seal(&keys("a", ""));
        assert!(sealed.starts_with(MAGIC) && !sealed.windows(4).any(|part| part == b"Mira"));
        assert_ne!(sealed, seal(&keys("a", "")), "no nonce is used twice");
        for keys in [keys("a", ""), keys("a", "b"), keys("b", "a"), keys("", "a")] {
            assert_eq!(open(&keys, "a/path", sealed.clone()).unwrap(), PLAIN);
        }
        for keys in [keys("", ""), keys("b", ""), keys("b", "c")] {
            let locked = open(&keys, "a/path", sealed.clone()).unwrap_err();
            assert!(matches!(locked, BlobError::Locked { .. }), "{locked:?}");
            assert!(locked.to_string().contains("storage.encryption_key"), "{locked}");
        }
    }

    #[test]
    fn plain_bytes_are_read_with_and_without_a_key() {
        for keys in [keys("", ""), keys("a", "b")] {
            assert_eq!(open(&keys, "a/path", Bytes::from_static(PLAIN)).unwrap(), PLAIN);
            let damaged = open(&keys, "a/path", Bytes::from_static(b"resume of Jonas"));
            assert!(matches!(damaged, Err(BlobError::Damaged)));
        }
        assert_eq!(seal(&keys("", "a")), PLAIN, "the previous key encrypts nothing");
    }

    #[test]
    fn bytes_in_the_place_of_others_or_changed_are_damaged() {
        let (keys, sealed) = (keys("a", ""), seal(&keys("a", "")));
        assert!(matches!(open(&keys, "another/path", sealed.clone()), Err(BlobError::Damaged)));
        let mut changed = sealed.to_vec();
        *changed.get_mut(HEADER).unwrap() ^= 1;
        assert!(matches!(open(&keys, "a/path", changed.into()), Err(BlobError::Damaged)));
        let half = sealed.slice(..HEADER + 3);
        assert!(matches!(open(&keys, "a/path", half), Err(BlobError::Damaged)));
        let mut newer = sealed.to_vec();
        *newer.get_mut(MAGIC.len()).unwrap() = 2;
        assert!(matches!(open(&keys, "a/path", newer.into()), Err(BlobError::Newer)));
    }

    #[test]
    fn an_upload_that_looks_encrypted_is_itself() {
        let sealed = seal(&keys("a", ""));
        for keys in [keys("", ""), keys("a", ""), keys("b", "")] {
            assert_eq!(keys.open("its/path", &sha256(&sealed), sealed.clone()).unwrap(), sealed);
            let twice = keys.seal("its/path", sealed.clone()).unwrap();
            assert_eq!(keys.open("its/path", &sha256(&sealed), twice).unwrap(), sealed);
        }
    }
}
